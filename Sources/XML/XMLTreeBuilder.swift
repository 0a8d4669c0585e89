import CLibXML2

/// Builds the tree from libxml2's SAX2 events; lives for one parse, on one thread.
final class XMLTreeBuilder {
    private let limits: XMLLimits
    private var open: [OpenElement] = []
    private var elements = 0
    private(set) var root: XMLElement?
    private(set) var failure: XMLFailure?
    /// Set for the duration of `parse`; libxml2 owns nothing of the builder.
    private var context: xmlParserCtxtPtr?

    init(limits: XMLLimits) {
        self.limits = limits
    }

    /// Runs the parser over `bytes`; what it found is in `root` and `failure` afterwards.
    func parse(_ bytes: [UInt8]) throws(XMLFailure) {
        Self.initialiseLibrary
        let created = bytes.withUnsafeBytes { buffer in
            xmlCreateMemoryParserCtxt(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                CInt(clamping: buffer.count)
            )
        }
        guard let context = created else { throw XMLFailure(.empty) }
        defer {
            self.context = nil
            xmlFreeParserCtxt(context)
        }
        self.context = context
        // NOENT turns `&amp;` in attributes into its character; other entities cannot be declared.
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOENT.rawValue
        xmlCtxtUseOptions(context, CInt(options))
        context.pointee.sax.pointee = XMLCallbacks.handler()
        let identity = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.userData = identity
        // Errors of the encoding converters go to the thread's handler, not the context's.
        xmlSetStructuredErrorFunc(identity, XMLCallbacks.problem)
        defer { xmlSetStructuredErrorFunc(nil, nil) }
        let result = withExtendedLifetime(self) { xmlParseDocument(context) }
        if failure == nil, result != 0 || context.pointee.wellFormed == 0 {
            failure = XMLFailure(.malformed, line: line)
        }
        let declared = context.pointee.input?.pointee.encoding ?? context.pointee.encoding
        if let declared { checkEncoding(String(cString: declared)) }
    }

    /// Counts one more element; false where that is one too many and the parse has been stopped.
    func admits(attributes: Int) -> Bool {
        elements += 1
        if elements > limits.elements {
            stop(.tooManyElements)
        } else if open.count >= limits.depth {
            stop(.tooDeep)
        } else if attributes > limits.attributes {
            stop(.tooManyAttributes)
        }
        return failure == nil
    }

    func start(_ element: OpenElement) {
        let longest = element.attributes.map(\.value.utf8.count).max() ?? 0
        guard max(longest, element.name.utf8.count) <= limits.textBytes else {
            return stop(.tooMuchText)
        }
        open.append(element)
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let last = open.indices.last else { return }
        guard open[last].text.count + bytes.count <= limits.textBytes else {
            return stop(.tooMuchText)
        }
        open[last].text.append(contentsOf: bytes)
    }

    func end() {
        guard let closed = open.popLast() else { return }
        guard let text = String(validating: closed.text, as: UTF8.self) else {
            return stop(.encoding)
        }
        let element = XMLElement(
            name: closed.name,
            prefix: closed.prefix,
            namespace: closed.namespace,
            attributes: closed.attributes,
            children: closed.children,
            text: text,
            line: closed.line
        )
        guard let parent = open.indices.last else { return root = element }
        open[parent].children.append(element)
    }

    /// Records the first failure and makes libxml2 leave the document alone.
    func stop(_ code: XMLFailure.Code) {
        if failure == nil { failure = XMLFailure(code, line: line) }
        xmlStopParser(context)
    }

    /// Takes one of libxml2's errors; warnings and undeclared prefixes pass.
    func report(_ problem: xmlError) {
        guard failure == nil else { return }
        let number = Int(problem.code)
        let encoding = XMLCallbacks.encodingErrors.contains(number)
        guard encoding || problem.level == XML_ERR_FATAL else { return }
        let cut = root == nil && endsInsideMarkup
        let code: XMLFailure.Code = cut ? .truncated : encoding ? .encoding : .malformed
        failure = XMLFailure(code, line: line, libraryCode: number)
    }

    /// The line that the parser stands on.
    var line: Int? {
        context?.pointee.input.map { Int($0.pointee.line) }
    }

    /// True where no markup ends behind the place of an error: the document was cut there.
    private var endsInsideMarkup: Bool {
        guard let input = context?.pointee.input?.pointee, let current = input.cur,
            let end = input.end
        else { return true }
        let rest = UnsafeBufferPointer(start: current, count: max(0, end - current))
        guard !rest.contains(UInt8(ascii: ">")) else { return false }
        // Bytes that are not converted yet wait in the raw buffer.
        guard let raw = input.buf?.pointee.raw, let waiting = xmlBufContent(raw) else {
            return true
        }
        return !UnsafeBufferPointer(start: waiting, count: xmlBufUse(raw))
            .contains(UInt8(ascii: ">"))
    }

    /// Refuses what was read in an encoding that no device uses, whatever came of it.
    private func checkEncoding(_ declared: String) {
        guard !XMLDocument.encodings.contains(declared.lowercased()) else { return }
        switch failure?.code {
        case nil, .malformed, .truncated: failure = XMLFailure(.encoding, line: 1)
        default: break
        }
    }

    private static let initialiseLibrary: Void = xmlInitParser()
}

/// An element whose end tag has not come yet.
struct OpenElement {
    var name: String
    var prefix: String?
    var namespace: String?
    var attributes: [XMLAttribute]
    var line: Int
    var children: [XMLElement] = []
    var text: [UInt8] = []
}
