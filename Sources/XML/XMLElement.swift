/// One element of a parsed document, with everything below it.
package struct XMLElement: Hashable, Sendable {
    /// The name without its prefix.
    package let name: String
    /// The prefix as written; nil where there is none.
    package let prefix: String?
    /// The address of the namespace; nil for an unqualified name and for an undeclared prefix.
    package let namespace: String?
    /// The attributes in the order of the document, without namespace declarations.
    package let attributes: [XMLAttribute]
    /// The elements directly below, in the order of the document.
    package let children: [XMLElement]
    /// The text directly inside, references resolved, CDATA included, children left out.
    package let text: String
    /// The line on which the start tag ends, from 1.
    package let line: Int

    /// The value of the attribute with this local name, whatever its prefix.
    package func attribute(_ name: String) -> String? {
        attributes.first { $0.name == name }?.value
    }

    /// The children with this local name, whatever their namespace.
    package func children(named name: String) -> [XMLElement] {
        children.filter { $0.name == name }
    }
}

/// One attribute of an element.
package struct XMLAttribute: Hashable, Sendable {
    /// The name without its prefix.
    package let name: String
    /// The prefix as written; nil where there is none.
    package let prefix: String?
    /// The address of the namespace; nil for an unqualified name.
    package let namespace: String?
    /// The value, references resolved.
    package let value: String
}
