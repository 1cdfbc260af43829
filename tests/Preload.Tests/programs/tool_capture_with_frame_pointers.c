// flags: -O2 -fno-omit-frame-pointer -fno-optimize-sibling-calls -rdynamic
#include "capture.c"
