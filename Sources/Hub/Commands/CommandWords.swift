import Shared
import Sync

/// Commands and their outcomes as people read them.
enum CommandWords {
    /// What is sent.
    static func name(_ kind: Command.Kind?) -> String {
        switch kind {
        case .visionixWaitingList: "Waiting list"
        case .visionixIndex: "Patient list of the L80"
        case .phoropterImport: "Phoropter import"
        case nil: "Another kind"
        }
    }

    /// The state in a word, with its level in the style sheet.
    static func state(_ command: DeviceCommand, now: Instant) -> (word: String, level: String) {
        switch command.state {
        case .issued, .received:
            command.expiresAt <= now ? ("No answer", "attention") : ("On its way", "plain")
        case .delivered:
            command.code == "alreadyThere" ? ("Check", "attention") : ("Delivered", "well")
        case .failed: ("Failed", "problem")
        case .expired: ("Too late", "attention")
        case .refused: ("Refused", "problem")
        case .superseded: ("Replaced", "plain")
        case .cancelled: ("Taken back", "plain")
        }
    }

    /// What happened, in a sentence.
    static func sentence(_ command: DeviceCommand, now: Instant) -> String {
        switch command.state {
        case .issued, .received:
            if command.expiresAt <= now {
                return "Its time is over, and its PC has not said yet what became of it."
            }
            return command.state == .issued
                ? "Its PC has not fetched it yet." : "Its PC has it and waits for the device."
        case .delivered:
            return delivered(command)
        case .superseded:
            return "A newer one to the same device has taken its place."
        case .cancelled:
            return command.isAnswered
                ? "It was taken back before the device had it."
                : "It was taken back; its PC has not confirmed that the device does not have it."
        case .expired where command.code == "noAnswer":
            return "Its PC has not answered within a day. Whether the device has it is not known."
        case .expired:
            return reasons[command.code ?? ""]
                ?? "Its time was over before the device could be given it."
        case .failed, .refused:
            return reasons[command.code ?? ""]
                ?? "The device was not given it (\(command.code ?? "no reason told"))."
        }
    }

    private static func delivered(_ command: DeviceCommand) -> String {
        switch command.code {
        case "taken": "The device had it, and has taken the file."
        case "alreadyThere":
            "The device had an entry of this name already. It may be another person's: compare the "
                + "birth date there."
        case "nameAltered":
            "The device has it. Letters that it does not know were written without their marks."
        default: "The device has it."
        }
    }

    private static let reasons = [
        "patientDiffers":
            "The device's newest document is another patient's. Send it again when they have left.",
        "notEnabled": "Sending to this device is not enabled at its PC, or no longer.",
        "fenceOld": "The Hub was recovered from a backup since. Send it again.",
        "notUnderstood": "The Agent at that PC is too old for it.",
        "birthDateUnknown":
            "The device needs a birth date, and this patient's is not known to the day.",
        "nameMissing": "The device needs a family name and a given name.",
        "nameUnwritable":
            "The device cannot hold a character of this name. Enter the patient at the device.",
        "valuesImpossible": "The refraction cannot be written for the phoropter.",
        "folderAway": "The device's folder was not there: is the device on, the share mounted?",
        "folderHanging": "The device's folder did not answer.",
        "folderNotWritable": "The PC may not write into the device's folder.",
        "deviceFull": "The device's disk is full.",
        "indexMissing": "The device's list of patients (Index.txt) is not there.",
        "indexMalformed": "The device's list of patients has a form that is not known.",
        "indexIncomplete": "The device's list of patients is not whole: it was left alone.",
        "indexBusy": "The device wrote its list of patients all the time.",
        "differs": "What was read back is not what was written.",
        "outcomeUnknown": "Whether the device has it is not known: look there.",
    ]
}
