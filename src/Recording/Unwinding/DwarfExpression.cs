namespace Lampyris;

// Evaluates a DWARF expression (DWARF 5, section 2.5) as .eh_frame has them: for a frame whose stack was realigned, for the
// kernel's signal frame, for the stubs of the procedure linkage table.
static unsafe class DwarfExpression
{
    const int StackWords = 16, MostSteps = 256;

    /// <summary>
    /// Evaluates the block at <paramref name="block"/>, which begins with its length, with <paramref name="first"/> on the stack if
    /// <paramref name="hasFirst"/>. False when it is damaged, reads memory that is not there, or asks for what is not known here.
    /// </summary>
    public static bool TryEvaluate(ulong block, ulong blockEnd, UnwindRegisters* registers, bool hasFirst, ulong first, ref SafeMemory memory, out ulong result)
    {
        result = 0;
        var length = new DwarfReader(block, blockEnd);
        ulong bytes = length.Unsigned();
        if (length.Failed || bytes > blockEnd - length.At) return false;
        var code = new DwarfReader(length.At, length.At + bytes);
        ulong* stack = stackalloc ulong[StackWords];
        int depth = 0;
        if (hasFirst) stack[depth++] = first;
        for (int step = 0; step < MostSteps; step++)
        {
            if (code.IsAtEnd)
            {
                if (code.Failed || depth == 0) return false;
                result = stack[depth - 1];
                return true;
            }
            if (depth > StackWords - 2) return false;
            if (!Step(code.Byte(), ref code, length.At, bytes, registers, stack, ref depth, ref memory)) return false;
        }
        return false;
    }

    static bool Step(byte operation, ref DwarfReader code, ulong codeStart, ulong codeBytes, UnwindRegisters* registers, ulong* stack, ref int depth, ref SafeMemory memory)
    {
        if (operation is >= 0x30 and <= 0x4F)                           // lit0..lit31
        {
            stack[depth++] = (uint)(operation - 0x30);
            return true;
        }
        if (operation is >= 0x70 and <= 0x8F or 0x92)                   // breg0..breg31, bregx
        {
            ulong register = operation == 0x92 ? code.Unsigned() : (uint)(operation - 0x70);
            if (register >= CfaRow.Registers) return false;
            stack[depth++] = registers->Value[(int)register] + (ulong)code.Signed();
            return true;
        }
        switch (operation)
        {
            case 0x03: stack[depth++] = code.UInt64(); return true;     // addr
            case 0x08: stack[depth++] = code.Byte(); return true;
            case 0x09: stack[depth++] = (ulong)(sbyte)code.Byte(); return true;
            case 0x0A: stack[depth++] = code.UInt16(); return true;
            case 0x0B: stack[depth++] = (ulong)(short)code.UInt16(); return true;
            case 0x0C: stack[depth++] = code.UInt32(); return true;
            case 0x0D: stack[depth++] = (ulong)(int)code.UInt32(); return true;
            case 0x0E or 0x0F: stack[depth++] = code.UInt64(); return true;
            case 0x10: stack[depth++] = code.Unsigned(); return true;
            case 0x11: stack[depth++] = (ulong)code.Signed(); return true;
            case 0x2F: return Jump(ref code, codeStart, codeBytes, true);           // skip
            case 0x96: return true;                                                 // nop
            default: break;
        }
        if (depth < 1) return false;
        ulong top = stack[depth - 1];
        switch (operation)
        {
            case 0x12: stack[depth++] = top; return true;               // dup
            case 0x13: depth--; return true;                            // drop
            case 0x06: return memory.TryRead(top, out stack[depth - 1]);            // deref
            case 0x94: return DerefSize(code.Byte(), top, ref stack[depth - 1], ref memory);
            case 0x15:                                                  // pick
                int index = code.Byte();
                if (index >= depth) return false;
                stack[depth] = stack[depth - 1 - index];
                depth++;
                return true;
            case 0x19: stack[depth - 1] = (long)top < 0 ? 0 - top : top; return true;
            case 0x1F: stack[depth - 1] = 0 - top; return true;
            case 0x20: stack[depth - 1] = ~top; return true;
            case 0x23: stack[depth - 1] = top + code.Unsigned(); return true;
            case 0x28: depth--; return Jump(ref code, codeStart, codeBytes, top != 0);
            default: break;
        }
        if (depth < 2) return false;
        ulong second = stack[depth - 2];
        switch (operation)
        {
            case 0x14: stack[depth++] = second; return true;            // over
            case 0x16:                                                  // swap
                stack[depth - 2] = top;
                stack[depth - 1] = second;
                return true;
            case 0x17 when depth >= 3:                                  // rot
                stack[depth - 1] = second;
                stack[depth - 2] = stack[depth - 3];
                stack[depth - 3] = top;
                return true;
            default: break;
        }
        if (!Combine(operation, second, top, out ulong combined)) return false;
        stack[--depth - 1] = combined;
        return true;
    }

    static bool Combine(byte operation, ulong a, ulong b, out ulong result)
    {
        result = 0;
        switch (operation)
        {
            case 0x1A: result = a & b; return true;
            case 0x1B:
                if (b == 0 || (b == ulong.MaxValue && a == 1UL << 63)) return false;
                result = (ulong)((long)a / (long)b);
                return true;
            case 0x1C: result = a - b; return true;
            case 0x1D:
                if (b == 0) return false;
                result = a % b;
                return true;
            case 0x1E: result = a * b; return true;
            case 0x21: result = a | b; return true;
            case 0x22: result = a + b; return true;
            case 0x24: result = b > 63 ? 0 : a << (int)b; return true;
            case 0x25: result = b > 63 ? 0 : a >> (int)b; return true;
            case 0x26: result = (ulong)((long)a >> (int)(b > 63 ? 63 : b)); return true;
            case 0x27: result = a ^ b; return true;
            case 0x29: result = a == b ? 1U : 0; return true;
            case 0x2A: result = (long)a >= (long)b ? 1U : 0; return true;
            case 0x2B: result = (long)a > (long)b ? 1U : 0; return true;
            case 0x2C: result = (long)a <= (long)b ? 1U : 0; return true;
            case 0x2D: result = (long)a < (long)b ? 1U : 0; return true;
            case 0x2E: result = a != b ? 1U : 0; return true;
            default: return false;
        }
    }

    static bool Jump(ref DwarfReader code, ulong codeStart, ulong codeBytes, bool taken)
    {
        long distance = (short)code.UInt16();
        if (!taken) return true;
        ulong target = code.At + (ulong)distance;
        if (target - codeStart > codeBytes) return false;
        code.At = target;
        return true;
    }

    static bool DerefSize(byte bytes, ulong address, ref ulong result, ref SafeMemory memory)
    {
        if (bytes is 0 or > 8 || !memory.TryRead(address, out ulong word)) return false;
        result = bytes == 8 ? word : word & ((1UL << bytes * 8) - 1);
        return true;
    }
}
