import Shared
import Testing

struct PatientNumberTests {
    // Worked by hand with the published table: 1→3, 0→1, 0→7, 0→8, 0→9, 0→2.
    @Test func `the first number is 100000 with the check digit 2`() {
        #expect(PatientNumber(sequence: 100_000)?.description == "1000002")
    }

    // 5→9, 7→7, 2→4, 0→6, 0→5, 0→3.
    @Test func `the published example 572 goes on as 572000 with the check digit 3`() {
        #expect(PatientNumber(sequence: 572_000)?.description == "5720003")
        #expect(PatientNumber("5720003")?.sequence == 572_000)
    }

    @Test func `what is printed is read back`() {
        for sequence in stride(from: 100_000, through: 999_999, by: 9973) {
            let number = PatientNumber(sequence: sequence)
            #expect(number.flatMap { PatientNumber($0.description) } == number)
        }
    }

    @Test func `no wrong digit and no exchange of two neighbours gives another patient's number`() {
        for sequence in [100_000, 123_456, 507_080, 999_999] {
            guard let number = PatientNumber(sequence: sequence) else { continue }
            let digits = Array(number.description)
            for place in digits.indices {
                for digit in "0123456789" where digit != digits[place] {
                    var wrong = digits
                    wrong[place] = digit
                    #expect(PatientNumber(String(wrong)) == nil)
                }
                guard place > 0, digits[place] != digits[place - 1] else { continue }
                var exchanged = digits
                exchanged.swapAt(place, place - 1)
                #expect(PatientNumber(String(exchanged)) == nil)
            }
        }
    }

    @Test(arguments: [
        "", "0007", "4711", "100000", "10000020", "1000 02", "0100002", "M-Serial0007", "１０００００２",
        "-100002", "1000003",
    ])
    func `no counter, cut or longer number is one`(text: String) {
        #expect(PatientNumber(text) == nil)
    }

    @Test func `blanks around a number are what devices pad it with`() {
        #expect(PatientNumber(" 1000002  ")?.sequence == 100_000)
    }

    @Test func `a mistyped number keeps its form, a counter has none`() {
        #expect(PatientNumber.hasForm("1000003"))
        #expect(!PatientNumber.hasForm("0007"))
    }

    @Test(arguments: [99_999, 1_000_000, -1])
    func `a place outside the sequence has no number`(sequence: Int) {
        #expect(PatientNumber(sequence: sequence) == nil)
    }
}
