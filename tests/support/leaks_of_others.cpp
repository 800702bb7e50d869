// Linked into every program under the address sanitizer, so that it holds whatever environment a
// test gives a program. Debian 12's c-ares keeps a few bytes of the resolver's configuration until
// the process ends.
extern "C" {
const char* __lsan_default_suppressions();
const char* __lsan_default_suppressions() { return "leak:libcares.so\n"; }
const char* __lsan_default_options();
const char* __lsan_default_options() { return "print_suppressions=0"; }
}
