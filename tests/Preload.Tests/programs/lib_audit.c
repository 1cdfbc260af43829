// An audit library (LD_AUDIT): the loader calls it for each object and each binding; it allocates there, with the libc
// of its own namespace.
#include "support/expect.h"
#include <link.h>

unsigned int la_version(unsigned int version)
{
    free(malloc(100));
    return version;
}

unsigned int la_objopen(struct link_map *map, Lmid_t id, uintptr_t *cookie)
{
    (void)id, (void)cookie;
    free(strdup(map->l_name));
    return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}
