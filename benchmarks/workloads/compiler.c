// Compiler: one thread builds the syntax trees of whole modules, walks them, folds constants, emits code into growing
// arrays, and then drops whole modules, oldest first; a few modules are alive at any time.
#include "workload.h"

enum { LivingModules = 6, FunctionsInAModule = 250, Depth = 7, Symbols = 4096 };

enum kind { Constant, Name, Unary, Binary, Call, Block };

struct node
{
    enum kind kind;
    int line;
    union
    {
        long constant;
        char *name;
        struct node *operand;
        struct { struct node *left, *right; int operation; };
        struct { int count; struct node **children; };
    };
};

struct symbol
{
    struct symbol *next;
    long uses;
    char name[];
};

struct module
{
    struct node *functions[FunctionsInAModule];
    struct symbol *symbols[Symbols];
    int *code;
    size_t code_count, code_capacity;
};

static void *checked(void *block)
{
    expect(block != NULL, "malloc gives a block");
    return block;
}

// noipa: gcc would warn of each block that has no room for the longer members of the union.
__attribute__((noipa)) static struct node *new_node(enum kind kind, size_t payload_bytes)
{
    struct node *node = checked(malloc(offsetof(struct node, constant) + payload_bytes));
    node->kind = kind;
    node->line = 0;
    return node;
}

static struct node *parse(uint64_t *random, int depth)
{
    int kind = depth == 0 ? (int)random_below(random, 2) : (int)random_between(random, Unary, Block);
    struct node *node;
    switch (kind)
    {
    case Constant:
        node = new_node(Constant, sizeof(long));
        node->constant = random_below(random, 100);
        return node;
    case Name:
        node = new_node(Name, sizeof(char *));
        node->name = checked(malloc(48));
        snprintf(node->name, 48, "name_%u_%.*s", random_below(random, 3000), (int)random_below(random, 24), "of_the_longer_kind_of_all");
        node->name = checked(realloc(node->name, strlen(node->name) + 1));
        return node;
    case Unary:
        node = new_node(Unary, sizeof(struct node *));
        node->operand = parse(random, depth - 1);
        return node;
    case Binary:
        node = new_node(Binary, 2 * sizeof(struct node *) + sizeof(int));
        node->operation = (int)random_below(random, 4);
        node->left = parse(random, depth - 1);
        node->right = parse(random, depth - 1);
        return node;
    default:
        node = new_node((enum kind)kind, sizeof(struct node **) + sizeof(long));
        node->count = (int)random_between(random, 1, 6);
        node->children = checked(calloc((size_t)node->count, sizeof(struct node *)));
        for (int i = 0; i < node->count; i++) node->children[i] = parse(random, kind == Call ? depth / 2 : depth - 1);
        return node;
    }
}

static void free_tree(struct node *node)
{
    switch (node->kind)
    {
    case Constant: break;
    case Name: free(node->name); break;
    case Unary: free_tree(node->operand); break;
    case Binary: free_tree(node->left); free_tree(node->right); break;
    default:
        for (int i = 0; i < node->count; i++) free_tree(node->children[i]);
        free(node->children);
    }
    free(node);
}

// Puts a constant in the place of an operation on constants.
static struct node *fold(struct node *node)
{
    if (node->kind == Unary) node->operand = fold(node->operand);
    if (node->kind == Call || node->kind == Block)
        for (int i = 0; i < node->count; i++) node->children[i] = fold(node->children[i]);
    if (node->kind == Binary)
    {
        node->left = fold(node->left);
        node->right = fold(node->right);
    }
    bool unary = node->kind == Unary && node->operand->kind == Constant;
    bool binary = node->kind == Binary && node->left->kind == Constant && node->right->kind == Constant;
    if (!unary && !binary) return node;

    struct node *constant = new_node(Constant, sizeof(long));
    constant->constant = unary ? -node->operand->constant : node->left->constant + node->operation * node->right->constant;
    free_tree(node);
    return constant;
}

static void use_symbol(struct module *module, const char *name)
{
    uint32_t hash = 5381;
    for (const char *at = name; *at != 0; at++) hash = hash * 33 + (unsigned char)*at;
    struct symbol **place = &module->symbols[hash % Symbols];
    for (struct symbol *symbol = *place; symbol != NULL; symbol = symbol->next)
        if (strcmp(symbol->name, name) == 0)
        {
            symbol->uses++;
            return;
        }
    struct symbol *symbol = checked(malloc(sizeof *symbol + strlen(name) + 1));
    symbol->next = *place;
    symbol->uses = 1;
    strcpy(symbol->name, name);
    *place = symbol;
}

static void emit(struct module *module, struct node *node)
{
    if (node->kind == Name) use_symbol(module, node->name);
    if (node->kind == Unary) emit(module, node->operand);
    if (node->kind == Binary)
    {
        emit(module, node->left);
        emit(module, node->right);
    }
    if (node->kind == Call || node->kind == Block)
        for (int i = 0; i < node->count; i++) emit(module, node->children[i]);

    if (module->code_count == module->code_capacity)
    {
        module->code_capacity = module->code_capacity * 2 + 16;
        module->code = checked(realloc(module->code, module->code_capacity * sizeof *module->code));
    }
    module->code[module->code_count++] = (int)node->kind;
}

static struct module *compile(uint64_t *random)
{
    struct module *module = checked(calloc(1, sizeof *module));
    for (int i = 0; i < FunctionsInAModule; i++) module->functions[i] = parse(random, Depth);
    for (int i = 0; i < FunctionsInAModule; i++) module->functions[i] = fold(module->functions[i]);
    for (int i = 0; i < FunctionsInAModule; i++) emit(module, module->functions[i]);
    return module;
}

static void free_module(struct module *module)
{
    if (module == NULL) return;
    for (size_t i = 0; i < module->code_count; i++) expect(module->code[i] >= Constant && module->code[i] <= Block, "code stays as emitted");
    for (int i = 0; i < FunctionsInAModule; i++) free_tree(module->functions[i]);
    for (int i = 0; i < Symbols; i++)
        for (struct symbol *symbol = module->symbols[i]; symbol != NULL;)
        {
            struct symbol *next = symbol->next;
            expect(symbol->uses > 0, "a symbol keeps its count");
            free(symbol);
            symbol = next;
        }
    free(module->code);
    free(module);
}

int main(int argc, char **argv)
{
    static struct module *modules[LivingModules];
    uint64_t random = seed_of(5);
    long count = scaled(120, argc, argv);
    for (long i = 0; i < count; i++)
    {
        free_module(modules[i % LivingModules]);
        modules[i % LivingModules] = compile(&random);
    }
    for (int i = 0; i < LivingModules; i++) free_module(modules[i]);
    return 0;
}
