// A malloc is used before its own constructor and after its own destructor: by preinit functions, constructors of
// libraries and of the program, exit handlers and destructors.
// flags: -L{programs} -l:lib_early.so -Wl,-rpath,{programs}
#include "support/case.h"
#include "support/pattern.h"
#include "support/process.h"
#include <malloc.h>

extern char *lib_early_block;
extern int lib_early_quiet;

enum { preinit, first_constructor, last_constructor, stages };
static char *kept[stages];
static const size_t kept_bytes[stages] = {700, 70000, 3 * MIB};

/// Uses every function once and keeps one block, whose contents the case then looks at.
static void use_everything(int stage)
{
    void *block = NULL;
    kept[stage] = malloc(kept_bytes[stage]);
    fill(kept[stage], kept_bytes[stage], (uint64_t)stage);
    char *zero = calloc(30, 100);
    EXPECT(zero != NULL && first_nonzero_byte(zero, 3000) == 3000, "calloc gave %p", (void *)zero);
    zero = realloc(zero, 100000);
    free(zero);
    free(memalign(256, 1000));
    EXPECT(posix_memalign(&block, 4096, 5000) == 0, "posix_memalign failed");
    EXPECT(malloc_usable_size(block) >= 5000, "usable %zu", malloc_usable_size(block));
    free(block);
    free(aligned_alloc(64, 640));
    free(NULL);
}

static void preinit_function(int argc, char **argv, char **environment)
{
    (void)argc, (void)argv, (void)environment;
    use_everything(preinit);
}

__attribute__((section(".preinit_array"), used)) static void (*preinit_pointer)(int, char **, char **) = preinit_function;

__attribute__((constructor(101))) static void first(void) { use_everything(first_constructor); }
__attribute__((constructor)) static void last(void) { use_everything(last_constructor); }

CASE(early_blocks_are_whole, "blocks made by a preinit function and by constructors are whole in main, and can be freed")
{
    for (int stage = preinit; stage < stages; stage++)
        EXPECT_PATTERN(kept[stage], kept_bytes[stage], (uint64_t)stage, "a block of an early stage");
    EXPECT(strcmp(lib_early_block, "from the library's constructor") == 0, "the library's block holds %.30s", lib_early_block);
    for (int stage = 0; stage < stages; stage++) free(kept[stage]);
}

static void free_stage(int stage)
{
    EXPECT_PATTERN(kept[stage], kept_bytes[stage], (uint64_t)stage, "a block of an early stage, at the end");
    free(kept[stage]);
    use_everything(stage);
    EXPECT_PATTERN(kept[stage], kept_bytes[stage], (uint64_t)stage, "a block made at the end");
}

static int late;
static void at_exit(void) { free(realloc(calloc(1, 1000), 100000)); }
static void on_exit_(int code, void *unused) { (void)code, (void)unused; free_stage(preinit); }
__attribute__((destructor)) static void first_destructor(void) { if (late) free_stage(first_constructor); }
__attribute__((destructor(101))) static void last_destructor(void)
{
    if (!late) return;
    free_stage(last_constructor);
    say("program's destructor ran");
}

CASE(late_use_works, "exit handlers and destructors, a library's too, free early blocks and allocate anew",
     ENDS("program's destructor ran\nlibrary's destructor ran\n"))
{
    late = 1;
    lib_early_quiet = 0;
    atexit(at_exit);
    on_exit(on_exit_, NULL);
}

static void quick_handler(void)
{
    free_stage(preinit);
    say("quick handler ran");
}

CASE(quick_exit_works, "quick_exit runs its handlers on a working heap", ENDS("quick handler ran\n"))
{
    at_quick_exit(quick_handler);
    quick_exit(0);
}
