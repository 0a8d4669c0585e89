// Liveness, keyboard and menus. Every page works without this file.
"use strict";

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const say = (text) => {
    const place = document.getElementById("announce");
    if (place) place.textContent = text;
};

// The live list of readings

const position = (row) => Number(row.dataset.position);

class LiveList {
    constructor(table) {
        this.table = table;
        this.body = table.tBodies[0];
        this.address = table.dataset.live;
        this.after = table.dataset.after;
        this.most = 300;
        this.waiting = [];
        this.state = document.getElementById("live");
        this.pill = document.getElementById("new");
        this.empty = document.getElementById("empty");
        this.pill.addEventListener("click", () => {
            scrollTo({ top: 0, behavior: calm ? "auto" : "smooth" });
            this.release();
        });
        addEventListener("scroll", () => { if (!this.busy()) this.release(); }, { passive: true });
        // A hidden page gives its connection back: a browser allows only a few for each host.
        document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
        addEventListener("pagehide", () => this.close());
        addEventListener("pageshow", () => this.open());
        this.open();
    }

    open() {
        if (this.source || document.hidden) return;
        const address = new URL(this.address, location.href);
        address.searchParams.set("after", this.after);
        this.source = new EventSource(address);
        this.source.addEventListener("open", () => this.show("live", "live"));
        this.source.addEventListener("reading", (event) => this.arrive(event));
        this.source.addEventListener("gone", (event) => this.leave(event));
        this.source.addEventListener("reload", () => location.reload());
        this.source.addEventListener("end", () => { this.close(); location.reload(); });
        this.source.addEventListener("error", () => {
            this.show("lost", "connection lost, trying again");
            if (this.source && this.source.readyState === EventSource.CLOSED) {
                this.close();
                setTimeout(() => this.open(), 5000);
            }
        });
    }

    close() {
        if (this.source) this.source.close();
        this.source = null;
    }

    show(state, words) {
        this.state.dataset.state = state;
        this.state.textContent = words;
        this.state.hidden = false;
    }

    // True while new rows would move what the person looks at.
    busy() {
        const selection = getSelection();
        return scrollY > 60 || (selection && !selection.isCollapsed) ||
            this.body.contains(document.activeElement);
    }

    arrive(event) {
        this.after = event.lastEventId;
        const template = document.createElement("template");
        template.innerHTML = event.data;
        const row = template.content.firstElementChild;
        if (!row) return;
        this.waiting = this.waiting.filter((other) => other.id !== row.id);
        const old = document.getElementById(row.id);
        if (old && old.dataset.position === row.dataset.position) return this.exchange(old, row);
        // What stands on an older page changes there.
        const last = this.body.lastElementChild;
        const more = document.getElementById("older");
        if (last && more && !more.hidden && position(row) < position(last)) return;
        this.waiting.push(row);
        if (this.busy()) this.announceWaiting(); else this.release();
    }

    // The same reading, known better: it stays where it is, and so does the focus.
    exchange(old, row) {
        const focused = old.contains(document.activeElement);
        row.classList.add("fresh");
        old.replaceWith(row);
        setTimeout(() => row.classList.remove("fresh"), 2000);
        if (focused) row.querySelector("a.open").focus();
        const whose = row.querySelector(".who");
        if (whose) say(whose.innerText.replace(/\s+/g, " "));
    }

    leave(event) {
        this.after = event.lastEventId;
        this.waiting = this.waiting.filter((row) => row.id !== event.data);
        const row = document.getElementById(event.data);
        if (row) row.remove();
    }

    announceWaiting() {
        this.pill.textContent = `${this.waiting.length} new`;
        this.pill.hidden = this.waiting.length === 0;
    }

    release() {
        const rows = this.waiting;
        if (rows.length === 0) return;
        this.waiting = [];
        this.pill.hidden = true;
        for (const row of rows) {
            const old = document.getElementById(row.id);
            if (old) old.remove();
            row.classList.add("fresh");
            const below = [...this.body.rows].find((other) => position(other) < position(row));
            this.body.insertBefore(row, below || null);
            setTimeout(() => row.classList.remove("fresh"), 2000);
        }
        this.table.hidden = false;
        if (this.empty) this.empty.hidden = true;
        const last = rows[rows.length - 1].querySelector("a");
        say(rows.length === 1 && last ? `New: ${last.textContent}` : `${rows.length} new readings`);
        this.trim();
    }

    trim() {
        const older = document.getElementById("older");
        while (this.body.rows.length > this.most) this.body.lastElementChild.remove();
        const last = this.body.lastElementChild;
        if (older && last && this.body.rows.length === this.most) {
            const address = new URL(older.href);
            address.searchParams.set("before", last.dataset.position);
            older.href = address;
            older.hidden = false;
        }
    }
}

// A page that renews itself in place, such as the Agents page

async function refresh(main) {
    try {
        const answer = await fetch(location.href, { headers: { "X-Background": "1" } });
        if (answer.redirected) return location.reload();
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("main");
        if (fresh) main.replaceChildren(...fresh.childNodes);
    } catch {
        // The next turn tries again; the page keeps what it shows.
    }
}

function renew(main) {
    setInterval(() => {
        const selection = getSelection();
        if (document.hidden || (selection && !selection.isCollapsed)) return;
        if (main.contains(document.activeElement)) return;
        refresh(main);
    }, Number(main.dataset.renew) * 1000);
}

// The page of this PC asks anew the moment a card is read or a reading arrives

class Station {
    constructor(main, address) {
        this.main = main;
        this.address = address;
        document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
        addEventListener("pagehide", () => this.close());
        addEventListener("pageshow", () => this.open());
        // What was missed while somebody typed is shown when they are done.
        main.addEventListener("focusout", () => { if (this.waits) setTimeout(() => this.renew(), 0); });
        this.open();
    }

    open() {
        if (this.source || document.hidden) return;
        this.source = new EventSource(this.address);
        this.source.addEventListener("open", () => this.renew());
        this.source.addEventListener("renew", () => this.renew());
        this.source.addEventListener("error", () => {
            if (this.source && this.source.readyState === EventSource.CLOSED) {
                this.close();
                setTimeout(() => this.open(), 5000);
            }
        });
    }

    close() {
        if (this.source) this.source.close();
        this.source = null;
    }

    async renew() {
        const typed = document.activeElement;
        this.waits = this.main.contains(typed) && typed.matches("input:not([type=checkbox])") && typed.value !== "";
        if (!this.waits) await refresh(this.main);
    }
}

// Keyboard

function move(step) {
    const links = [...document.querySelectorAll("[data-rows] tbody tr a.open")];
    if (links.length === 0) return;
    const row = document.activeElement && document.activeElement.closest("tr");
    const at = links.findIndex((link) => row && row.contains(link));
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    if (next < 0) {
        links[at].blur();
        scrollTo({ top: 0 });
    } else if (next < links.length) {
        links[next].focus();
        links[next].closest("tr").scrollIntoView({ block: "nearest" });
    }
}

addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]")) return;
    const keys = document.getElementById("keys");
    if (event.key === "Escape") {
        for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
        if (document.activeElement && document.activeElement.closest("[data-rows]")) {
            document.activeElement.blur();
        }
    } else if (event.key === "j") {
        move(1);
    } else if (event.key === "k") {
        move(-1);
    } else if (event.key === "/" && document.getElementById("find")) {
        document.getElementById("find").select();
    } else if (event.key === "a" || event.key === "u") {
        const row = document.activeElement && document.activeElement.closest("[data-rows] tbody tr");
        const button = row && row.querySelector(`button[data-key="${event.key}"]`);
        if (!button) return;
        button.click();
    } else if (event.key === "?" && keys) {
        if (keys.open) keys.close(); else keys.showModal();
    } else {
        return;
    }
    if (event.key !== "Escape") event.preventDefault();
});

// Whose a reading is, said in a row: sent without leaving the list, which then hears of it

addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-live] form.act");
    if (!form) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
        const answer = await fetch(form.action, { method: "POST", body: fields });
        if (answer.ok) return;
    } catch {
        // The page that chooses says what holds now.
    }
    location.assign(form.action);
});

// A new patient's form asks while somebody types who is registered already

function watchAlike(form) {
    const place = document.getElementById("alike");
    const fields = ["family", "given", "born"].map((name) => form.elements[name]);
    let timer = 0, asked = "", turn = 0;
    form.addEventListener("input", (event) => {
        if (!fields.includes(event.target)) return;
        clearTimeout(timer);
        timer = setTimeout(ask, 300);
    });
    async function ask() {
        const typed = fields.map((field) => field.value.trim()).join("\n");
        if (typed === asked || form.elements.family.value.trim().length < 2) return;
        asked = typed;
        turn += 1;
        const mine = turn;
        try {
            const answer = await fetch(form.dataset.alike, {
                method: "POST",
                headers: { "X-Background": "1" },
                body: new URLSearchParams(new FormData(form)),
            });
            // An answer that was overtaken is not shown.
            if (answer.ok && mine === turn) place.innerHTML = await answer.text();
        } catch {
            // The form asks again when it is sent.
        }
    }
}

// A click anywhere in a row opens it, unless text is being selected.
addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
        if (!menu.contains(event.target)) menu.open = false;
    }
    const row = event.target.closest("[data-rows] tbody tr");
    if (!row || event.target.closest("a, button, summary, form") || event.button !== 0) return;
    const selection = getSelection();
    if (selection && !selection.isCollapsed) return;
    const link = row.querySelector("a.open");
    if (link) link.click();
});

const live = document.querySelector("table[data-live]");
if (live) new LiveList(live);
const station = document.querySelector("[data-station]");
if (station) new Station(document.querySelector("main"), station.dataset.station);
const alike = document.querySelector("form[data-alike]");
if (alike) watchAlike(alike);
const renewed = document.querySelector("main[data-renew]");
if (renewed) renew(renewed);
