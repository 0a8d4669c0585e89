import Testing

@testable import Simulator

@Suite struct NamesTests {
    @Test func `no two patients of the big tree share a name, with accents or without`() {
        var names: Set<String> = []
        var folded: Set<String> = []
        for index in 0..<50_000 {
            let patient = SimulatedPatient(index: index, seed: 1)
            let name = "\(patient.familyName)#\(patient.givenName)"
            names.insert(name)
            folded.insert(Names.ascii(name))
        }
        #expect(names.count == 50_000)
        #expect(folded.count == 50_000)
    }

    @Test func `every letter of the register has an ASCII form`() {
        for name in Names.family + Names.family.map({ $0.uppercased() }) + Names.female
            + Names.male
        {
            let folded = Names.ascii(name)
            #expect(folded.utf8.allSatisfy { $0 < 128 }, "\(name)")
            #expect(!folded.contains("?"), "\(name)")
        }
    }

    @Test func `the register holds names that a careless match would mix up`() {
        let names = Set(Names.family)
        #expect(names.isSuperset(of: ["Martin", "Martinez", "Dupont", "Dupont-Martin"]))
        #expect(Set(Names.female + Names.male).isSuperset(of: ["Jean", "Jeanne", "Jean-Luc"]))
    }
}
