// Interpreter: one thread, very many small reference-counted values that live for microseconds, as in the run time
// of a scripting language: boxed numbers, list cells, strings; lists are mapped, filtered, sorted and printed.
#include "workload.h"

enum kind { Number, Cell, Text };

struct value
{
    int references;
    enum kind kind;
    union
    {
        long number;
        struct { struct value *head, *tail; };   // tail: NULL ends the list
        struct { size_t length; char text[8]; }; // text: as many bytes as length says, and a 0
    };
};

// noipa: gcc would warn of each block that has no room for the longer members of the union.
__attribute__((noipa)) static struct value *new_value(enum kind kind, size_t payload_bytes)
{
    struct value *value = malloc(offsetof(struct value, number) + payload_bytes);
    expect(value != NULL, "malloc gives a value");
    value->references = 1;
    value->kind = kind;
    return value;
}

static struct value *number(long n)
{
    struct value *value = new_value(Number, sizeof(long));
    value->number = n;
    return value;
}

static struct value *cell(struct value *head, struct value *tail) // takes over both references
{
    struct value *value = new_value(Cell, 2 * sizeof(struct value *));
    value->head = head;
    value->tail = tail;
    return value;
}

static struct value *text(const char *first, size_t first_bytes, const char *second, size_t second_bytes)
{
    struct value *value = new_value(Text, sizeof(size_t) + first_bytes + second_bytes + 1);
    value->length = first_bytes + second_bytes;
    memcpy(value->text, first, first_bytes);
    memcpy(value->text + first_bytes, second, second_bytes);
    value->text[value->length] = 0;
    return value;
}

static struct value *share(struct value *value)
{
    value->references++;
    return value;
}

static void release(struct value *value)
{
    while (value != NULL && --value->references == 0)
    {
        struct value *next = NULL;
        if (value->kind == Cell)
        {
            release(value->head);
            next = value->tail;
        }
        free(value);
        value = next;
    }
}

static struct value *random_numbers(uint64_t *random, int count)
{
    struct value *list = NULL;
    while (count-- > 0) list = cell(number(random_below(random, 1000000)), list);
    return list;
}

static struct value *mapped(struct value *list)
{
    struct value *result = NULL;
    for (; list != NULL; list = list->tail) result = cell(number(list->head->number * 3 + 1), result);
    return result;
}

static struct value *evens(struct value *list)
{
    struct value *result = NULL;
    for (; list != NULL; list = list->tail)
        if (list->head->number % 2 == 0) result = cell(share(list->head), result);
    return result;
}

// A new list with the values of both, smallest first; both stay as they were.
static struct value *merged(struct value *left, struct value *right)
{
    struct value *first = NULL, **end = &first;
    while (left != NULL || right != NULL)
    {
        struct value **from = right == NULL || (left != NULL && left->head->number <= right->head->number) ? &left : &right;
        *end = cell(share((*from)->head), NULL);
        end = &(*end)->tail;
        *from = (*from)->tail;
    }
    return first;
}

static struct value *sorted(struct value *list, int count)
{
    if (count == 1) return cell(share(list->head), NULL);
    struct value *middle = list;
    for (int i = 0; i < count / 2; i++) middle = middle->tail;
    struct value *left = sorted(list, count / 2), *right = sorted(middle, count - count / 2);
    struct value *result = merged(left, right);
    release(left);
    release(right);
    return result;
}

static struct value *printed(struct value *list)
{
    struct value *line = text("", 0, "", 0);
    for (int i = 0; list != NULL && i < 24; list = list->tail, i++)
    {
        char digits[24];
        int length = snprintf(digits, sizeof digits, "%ld ", list->head->number);
        struct value *longer = text(line->text, line->length, digits, (size_t)length);
        release(line);
        line = longer;
    }
    return line;
}

int main(int argc, char **argv)
{
    enum { Count = 200, Kept = 1000 };
    static struct value *kept[Kept]; // the result of one program in eight stays, as a global variable does
    uint64_t random = seed_of(2);
    long programs = scaled(22000, argc, argv);
    for (long i = 0; i < programs; i++)
    {
        struct value *numbers = random_numbers(&random, Count);
        struct value *grown = mapped(numbers);
        struct value *order = sorted(grown, Count);
        struct value *even = evens(order);
        struct value *line = printed(even);

        for (struct value *at = order; at->tail != NULL; at = at->tail) expect(at->head->number <= at->tail->head->number, "a sorted list is in order");
        expect(strlen(line->text) == line->length, "a string keeps its length");

        if (i % 8 == 0)
        {
            struct value **place = &kept[i / 8 % Kept];
            release(*place);
            *place = share(even);
        }

        release(line);
        release(even);
        release(order);
        release(grown);
        release(numbers);
    }
    for (int i = 0; i < Kept; i++) release(kept[i]);
    return 0;
}
