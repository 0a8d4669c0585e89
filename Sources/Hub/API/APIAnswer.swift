import HTTPTypes
import Hummingbird
import Shared

/// What is sent to programs: JSON, every key sorted.
enum APIAnswer {
    static func response(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok
    ) throws -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try JSON.encode(value)))
        )
    }
}

/// A refusal or a failure as a program is told of it.
struct APIError: Encodable {
    struct Content: Encodable {
        /// A word to go by.
        let code: String
        /// What happened and what to do, for whoever reads the program's log.
        let message: String
        /// What a person quotes to have the request found in the Hub's log.
        let reference: String
    }
    let error: Content

    static func response(_ error: PageError, reference: String) -> Response {
        let answer = APIError(
            error: Content(
                code: error.code,
                message: "\(error.happened) \(error.next)",
                reference: reference
            )
        )
        guard var response = try? APIAnswer.response(answer, status: error.status) else {
            return Response(status: error.status)
        }
        response.headers[.retryAfter] = error.retryAfterSeconds.map(String.init)
        if error.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
