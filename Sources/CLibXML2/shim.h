// With ICU's own headers in this module, its types would be there twice in a file that sees both
// this module and Foundation, which brings an ICU of its own. They stand in one structure alone,
// xmlCharEncodingHandler, whose fields nobody here reads.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>
