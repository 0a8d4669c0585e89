extension Reading {
    /// Writes the reading as `JSON.encode` does; keys in their sorted order.
    package func write(to text: inout JSONText) {
        text.object { text in
            text.member("device") { device.write(to: &$0) }
            text.member("document") { document.write(to: &$0) }
            text.member("kind", kind.rawValue)
            text.member("label", label)
            text.member("measuredAt", measuredAt?.description)
            text.member("otherDocuments", otherDocuments) { $1.write(to: &$0) }
            text.member("patient") { patient.write(to: &$0) }
            text.member("problems", problems) { $1.write(to: &$0) }
            text.member("role", role.rawValue)
            text.member("values", values) { $1.write(to: &$0) }
        }
    }
}

extension DeviceIdentity {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.member("manufacturer", manufacturer)
            text.member("model", model)
            text.member("serial", serial)
            text.member("software", software)
        }
    }
}

extension DocumentReference {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.member("bytes", bytes)
            text.member("format", format)
            text.member("name", name)
            text.member("sha256", sha256.hexadecimal)
        }
    }
}

extension DevicePatient {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.nullableMember("birthDate", birthDate?.description)
            text.nullableMember("familyName", familyName)
            text.nullableMember("givenName", givenName)
            text.nullableMember("number", number)
            text.member("numberIsCounter", numberIsCounter)
            text.nullableMember("sex", sex)
        }
    }
}

extension ReadingProblem {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.member("code", code.rawValue)
            text.member("detail", detail)
            text.member("eye", eye?.rawValue)
            text.member("quantity", quantity?.rawValue)
            text.member("severity", severity.rawValue)
        }
    }
}

extension ReadingValue {
    fileprivate func write(to text: inout JSONText) {
        text.object { text in
            text.member("base", base?.rawValue)
            text.member("corrected", corrected)
            text.member("derived", derived)
            text.member("distance", distance?.rawValue)
            text.member("distanceCm", distanceCm?.text)
            text.member("eye", eye.rawValue)
            text.member("lighting", lighting?.rawValue)
            text.member("meridian", meridian?.rawValue)
            text.member("path", path)
            text.member("quantity", quantity.rawValue)
            text.member("raw", raw)
            text.member("shot", shot)
            text.member("statistic", statistic?.rawValue)
            text.member("text", self.text)
            text.member("unit", unit.rawValue)
            text.member("value", value?.text)
            text.member("zone", zone)
        }
    }
}
