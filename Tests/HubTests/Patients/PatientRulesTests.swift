import Shared
import Testing

@testable import Hub

struct PatientRulesTests {
    @Test(arguments: [
        ("14/3/1985", ["1985-03-14"]), ("14.03.1985", ["1985-03-14"]),
        ("1985-3-14", ["1985-03-14"]),
        ("14 mars 1985", ["1985-03-14"]), ("14 März 1985", ["1985-03-14"]),
        ("14 maart 1985", ["1985-03-14"]), ("1 août 2001", ["2001-08-01"]),
        ("5 juillet 1990", ["1990-07-05"]), ("5 juin 1990", ["1990-06-05"]),
        ("5 juni 1990", ["1990-06-05"]), ("5 Juli 1990", ["1990-07-05"]),
        ("17 OKT  1961", ["1961-10-17"]), ("14031985", ["1985-03-14"]),
        ("19850314", ["1985-03-14"]),
        ("3/1985", ["1985-03"]), ("1985-03", ["1985-03"]), ("1985", ["1985"]),
        ("mars 1985", ["1985-03"]),
        ("14/3/85", []), ("31/2/1985", []), ("14/13/1985", []), ("", []), ("Testcase", []),
        ("12", []),
        ("14/3/1985/1", []), ("0314", []),
    ])
    func `birth dates are read as people type them, day before month`(
        text: String,
        expected: [String]
    ) {
        #expect(BirthDateText.dates(text).map(\.description) == expected)
    }

    @Test func `a search reads two digits of a year in either century`() {
        #expect(
            BirthDateText.likelyDates("14/3/12").map(\.description) == ["1912-03-14", "2012-03-14"]
        )
        #expect(
            BirthDateText.likelyDates("140312").map(\.description) == ["1912-03-14", "2012-03-14"]
        )
    }

    @Test(arguments: [
        ("", "Amina", "1985-03-14", PatientFault.familyNameMissing),
        ("  ", "Amina", "1985-03-14", .familyNameMissing),
        ("…", "Amina", "1985-03-14", .nameUnreadable),
        ("Test\u{202E}case", "Amina", "1985-03-14", .nameUnreadable),
        ("Test\u{0}case", "Amina", "1985-03-14", .nameUnreadable),
        (String(repeating: "x", count: 201), "", "1985-03-14", .nameTooLong),
        ("Testcase", String(repeating: "x", count: 201), "1985-03-14", .nameTooLong),
        ("Testcase", "Amina", "2026-11-21", .birthDateAhead),
        ("Testcase", "", "2027", .birthDateAhead),
        ("Testcase", "", "2026-12", .birthDateAhead), ("Testcase", "", "1879", .birthDateTooEarly),
    ])
    func `a record that cannot be right is refused`(
        family: String,
        given: String,
        born: String,
        fault: PatientFault
    ) {
        #expect(throws: fault) { try SamplePatient.draft(family, given, born: born) }
    }

    @Test func `today, this month and this year may be a birth date, and a name may be one word`()
        throws
    {
        for born in ["2026-11-20", "2026-11", "2026"] {
            #expect(try SamplePatient.draft("Mononym", "", born: born).name.given.isEmpty)
        }
        #expect(try SamplePatient.draft(" Van  den\tBerghe ").name.family == "Van den Berghe")
    }

    @Test(arguments: [
        ("Testcase", "Amina", "1985-03-14", LikelyDuplicate.Likeness?.some(.sameNameAndBirthDate)),
        ("TESTCASE", "AMINA FATIMA", "1985-03-14", .sameBirthDateAndSound),
        ("Amina", "Testcase", "1985-03-14", .sameNameAndBirthDate),
        ("Testkase", "Amine", "1985-03-14", .sameBirthDateAndSound),
        ("Husband", "Amina", "1985-03-14", .sameBirthDateAndSound),
        ("Testcase", "Amina", "1990-01-01", .sameName), ("Testcase", "Amina", nil, .sameName),
        ("Testkase", "Amina", "1985-03-15", .similarBirthDateAndSound),
        ("Testkase", "Amina", "1958-03-14", .similarBirthDateAndSound),
        ("Testkase", "Amina", "1985", .similarBirthDateAndSound),
        ("Testkase", "Amina", nil, .sameSound),
        ("Testkase", "Amina", "1990-01-01", nil), ("Other", "Person", "1985-03-14", nil),
        ("Other", "Person", nil, nil),
    ])
    func `who may be registered already is said with the reason`(
        family: String,
        given: String,
        born: String?,
        expected: LikelyDuplicate.Likeness?
    ) {
        let found = LikelyDuplicate.likeness(
            of: PersonName(family: family, given: given),
            born.flatMap { PartialDate($0) },
            to: SamplePatient.patient()
        )
        #expect(found == expected)
    }

    @Test
    func `duplicates are looked for at the site, the likeliest first, without the patient itself`()
        async throws
    {
        try await PeopleRig.with { rig in
            let site = try await rig.site()
            let foreign = try await rig.foreignSite()
            let same = try await rig.patients.register(
                try SamplePatient.draft(),
                site: site,
                by: nil
            )
            let alike = try await rig.patients.register(
                try SamplePatient.draft("Testkaas"),
                site: site,
                by: nil
            )
            _ = try await rig.patients.register(try SamplePatient.draft(), site: foreign, by: nil)
            _ = try await rig.patients.register(
                try SamplePatient.draft("Quite", "Other"),
                site: site,
                by: nil
            )
            let draft = try SamplePatient.draft()
            let found = try await rig.patients.duplicates(
                of: draft.name,
                draft.birthDate,
                site: site
            )
            #expect(found.map(\.patient.id) == [same.id, alike.id])
            let others = try await rig.patients.duplicates(
                of: draft.name,
                draft.birthDate,
                site: site,
                besides: same.id
            )
            #expect(others.map(\.patient.id) == [alike.id])
        }
    }
}
