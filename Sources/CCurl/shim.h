#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo take any number of arguments, which Swift cannot call. */
static inline CURLcode clinic_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clinic_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clinic_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clinic_curl_set_list(CURL *handle, CURLoption option,
                                            struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*clinic_curl_read)(char *buffer, size_t size, size_t count, void *context);
static inline CURLcode clinic_curl_set_read(CURL *handle, clinic_curl_read value) {
    return curl_easy_setopt(handle, CURLOPT_READFUNCTION, value);
}

typedef int (*clinic_curl_progress)(void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode clinic_curl_set_progress(CURL *handle, clinic_curl_progress value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

typedef int (*clinic_curl_debug)(CURL *handle, curl_infotype type, char *data, size_t size,
                                 void *context);
static inline CURLcode clinic_curl_set_debug(CURL *handle, clinic_curl_debug value) {
    return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, value);
}

static inline CURLcode clinic_curl_get_number(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode clinic_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
