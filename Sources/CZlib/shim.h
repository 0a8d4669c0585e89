#include <zlib.h>

/* The initialisers are macros in zlib.h, which Swift cannot call. 16 asks for the gzip wrapper. */
static inline int clinic_deflate_init(z_streamp stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}

/* Without any wrapper: a part of a stream. */
static inline int clinic_deflate_raw_init(z_streamp stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}

static inline int clinic_inflate_init(z_streamp stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}
