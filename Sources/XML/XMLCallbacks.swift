import CLibXML2

/// The C functions that libxml2 calls; each finds its builder in the user data.
enum XMLCallbacks {
    /// Errors that say the bytes are no text of their encoding.
    static let encodingErrors: Set<Int> = Set(
        [
            XML_ERR_INVALID_ENCODING, XML_ERR_UNKNOWN_ENCODING, XML_ERR_UNSUPPORTED_ENCODING,
            XML_ERR_ENCODING_NAME, XML_I18N_NO_HANDLER, XML_I18N_EXCESS_HANDLER,
            XML_I18N_CONV_FAILED, XML_I18N_NO_OUTPUT, XML_IO_ENCODER,
        ].map { Int($0.rawValue) }
    )

    /// Only what the builder needs; what is nil is neither resolved nor loaded.
    static func handler() -> xmlSAXHandler {
        var handler = xmlSAXHandler()
        handler.initialized = XML_SAX2_MAGIC
        handler.startElementNs = start
        handler.endElementNs = { user, _, _, _ in XMLCallbacks.builder(user)?.end() }
        handler.characters = characters
        handler.ignorableWhitespace = characters
        handler.cdataBlock = characters
        handler.internalSubset = { user, _, _, _ in XMLCallbacks.builder(user)?.stop(.documentType)
        }
        handler.externalSubset = { user, _, _, _ in XMLCallbacks.builder(user)?.stop(.documentType)
        }
        handler.entityDecl = { user, _, _, _, _, _ in
            XMLCallbacks.builder(user)?.stop(.documentType)
        }
        handler.serror = problem
        return handler
    }

    static let problem: @convention(c) (UnsafeMutableRawPointer?, xmlErrorPtr?) -> Void = {
        user,
        error in
        guard let error else { return }
        builder(user)?.report(error.pointee)
    }

    private static let characters:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, CInt) -> Void = {
            user,
            bytes,
            count in
            builder(user)?.text(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }

    private static let start: startElementNsSAX2Func = {
        user,
        name,
        prefix,
        address,
        _,
        _,
        attributeCount,
        _,
        attributes in
        let count = Int(attributeCount)
        guard let builder = builder(user), builder.admits(attributes: count) else { return }
        let element = OpenElement(
            name: string(name) ?? "",
            prefix: string(prefix),
            namespace: string(address),
            attributes: read(attributes, count: count),
            line: builder.line ?? 0
        )
        builder.start(element)
    }

    /// libxml2 gives each attribute as five pointers: name, prefix, address, value and its end.
    private static func read(
        _ pointers: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        count: Int
    ) -> [XMLAttribute] {
        guard let pointers else { return [] }
        return (0..<count).map { index in
            let field = pointers + index * 5
            let length = zip(field[3], field[4]).map { $1 - $0 } ?? 0
            let value = UnsafeBufferPointer(start: field[3], count: length)
            return XMLAttribute(
                name: string(field[0]) ?? "",
                prefix: string(field[1]),
                namespace: string(field[2]),
                value: String(decoding: value, as: UTF8.self)
            )
        }
    }

    private static func zip<First, Second>(_ first: First?, _ second: Second?) -> (First, Second)? {
        guard let first, let second else { return nil }
        return (first, second)
    }

    private static func builder(_ user: UnsafeMutableRawPointer?) -> XMLTreeBuilder? {
        user.map { Unmanaged<XMLTreeBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Copies at once: the pointer lives no longer than the call.
    private static func string(_ pointer: UnsafePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
