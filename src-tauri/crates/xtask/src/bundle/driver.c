/* Stands in for NVIDIA's driver, to show what the program does with one that is of no use to it. It finds no GPU. */
#ifndef EMPTY
#ifndef INIT
#define INIT 0
#endif
#ifndef VERSION
#define VERSION 13000
#endif

int cuInit(unsigned flags) { (void)flags; return INIT; }
int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
int cuGetErrorString(int code, const char **text) { (void)code; *text = "a made-up failure"; return 0; }
int cuDeviceGet(int *device, int ordinal) { (void)device; (void)ordinal; return 101; }
#endif
