.DEFAULT_GOAL := help
.PHONY: help run test check hotplug acceptance pentest powercut bench fuzz soak format setup clean

help: ## Print this.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and start everything on this machine; FRESH=1 starts over, RELEASE=1 optimises.
	@exec env FRESH='$(FRESH)' RELEASE='$(RELEASE)' scripts/run

test: ## Run everything that continuous integration runs.
	@scripts/test

check: test ## The same as test: format, house rules, build, tests, units.

hotplug: ## Plug an adapter in and out 1,000 times under the real Agent.
	@scripts/setup --test
	@swift build --build-tests
	@CLINIC_HOTPLUG_CYCLES=1000 scripts/contained swift test --skip-build --filter HotplugTests

acceptance: ## Plug devices into a PC of its own, with its own kernel, udev and systemd; as root.
	@scripts/setup --acceptance
	@scripts/acceptance $(SCENARIOS)

pentest: ## Attack a running Hub with wapiti and sqlmap; takes an hour and a half.
	@scripts/setup --pentest
	@scripts/pentest

powercut: ## Cut the power 3,000 times beneath the Agent's store, and fail every call of its disk.
	@scripts/setup --test
	@swift build --build-tests
	@CLINIC_CUTS=3000 scripts/contained swift test --skip-build --filter 'PowerCutTests|DiskErrorTests'

bench: ## Print the figures, in a release build.
	@scripts/setup
	@scripts/bench

fuzz: ## Feed every decoder with a million inputs that libFuzzer finds.
	@scripts/setup
	@scripts/fuzz

soak: ## Simulate SEEDS=10000 clinics with everything that goes wrong, from START=1 on.
	@scripts/setup
	@swift build -c release --product sync-soak
	@exec "$$(swift build -c release --show-bin-path)/sync-soak" \
		--seeds '$(or $(SEEDS),10000)' --start '$(or $(START),1)'

format: ## Format every source file.
	@swift format format -i -p -r Sources Tests Package.swift bench

setup: ## Install what is missing.
	@scripts/setup

clean: ## Remove what was built; the state of `make run` stays.
	@swift package clean
