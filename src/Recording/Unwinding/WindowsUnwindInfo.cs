namespace Lampyris;

// Decodes Windows' x64 unwind information (UNWIND_INFO), with CoreCLR's addition for Unix, to a rule. It lists what the function's prologue
// does, last first. A return address is never inside a prologue or an epilogue, so all of it has been done.
static unsafe class WindowsUnwindInfo
{
    const int PushRegister = 0, AllocateLarge = 1, AllocateSmall = 2, SetFramePointer = 3, SaveRegister = 4, SaveRegisterFar = 5,
        Epilogue = 6, Spare = 7, SaveVector = 8, SaveVectorFar = 9, SetFramePointerLarge = 11;
    const int IsChained = 4, MostChained = 32;
    const uint IsIndirect = 1;                  // of an offset: what lies there is another `RuntimeFunction`

    ref struct Frame
    {
        public int Base;                        // a DWARF register; the stack pointer so far is what it holds plus `Offset`
        public long Offset;
        public fixed long SavedAt[FrameRule.SavedRegisters];    // to the base's value
        public int Saved;                       // a bit for each
    }

    /// <summary>The rule. False when the information is damaged or says what no compiler of managed code does.</summary>
    public static bool TryDecode(ulong imageBase, uint unwindData, out FrameRule rule)
    {
        rule = default;
        Frame frame = default;
        frame.Base = CfaRow.StackPointer;
        for (int chained = 0; ; chained++)
        {
            for (int i = 0; i < 4 && (unwindData & IsIndirect) != 0; i++) unwindData = ((RuntimeFunction*)(imageBase + (unwindData & ~IsIndirect)))->UnwindData;
            byte* info = (byte*)(imageBase + unwindData);
            if ((info[0] & 7) is not (1 or 2)) return false;
            int codes = info[2];
            if (!Apply((ushort*)(info + 4), codes, info[3], ref frame)) return false;
            if ((info[0] >> 3 & IsChained) == 0) break;
            if (chained == MostChained) return false;
            unwindData = ((RuntimeFunction*)(info + 4 + (codes + 1 & ~1) * 2))->UnwindData;
        }
        return TryMake(frame, ref rule);
    }

    static bool Apply(ushort* codes, int count, byte frameByte, ref Frame frame)
    {
        int frameRegister = Dwarf(frameByte & 15), frameOffset = (frameByte >> 4) * 16;
        bool hasFramePointer = (frameByte & 15) != 0;
        for (int i = 0; i < count; i++)
        {
            int operation = codes[i] >> 8 & 15, operand = codes[i] >> 12;
            switch (operation)
            {
                case PushRegister:
                    Save(ref frame, operand, frame.Offset);
                    frame.Offset += 8;
                    break;
                case AllocateLarge when operand == 0 && i + 1 < count: frame.Offset += codes[++i] * 8; break;
                case AllocateLarge when operand == 1 && i + 2 < count: frame.Offset += Far(codes, ref i); break;
                case AllocateSmall: frame.Offset += operand * 8 + 8; break;
                case SetFramePointer: if (!Rebase(ref frame, frameRegister, frameOffset)) return false; break;
                case SetFramePointerLarge when i + 2 < count: if (!Rebase(ref frame, frameRegister, Far(codes, ref i) * 16)) return false; break;
                case SaveRegister or SaveRegisterFar when i + operation - 3 < count:
                    // To the stack pointer at the prologue's end, which the frame pointer gives where there is one.
                    long offset = operation == SaveRegister ? codes[++i] * 8L : Far(codes, ref i);
                    if (hasFramePointer && frame.Base != frameRegister && !Rebase(ref frame, frameRegister, frameOffset)) return false;
                    Save(ref frame, operand, hasFramePointer ? offset - frameOffset : offset);
                    break;
                case Epilogue: break;           // of version 2: says where epilogues are
                case Spare or SaveVector: i++; break;
                case SaveVectorFar: i += 2; break;
                default: return false;          // a trap frame of Windows' kernel
            }
        }
        return true;
    }

    // From here on the stack pointer is known by the frame pointer. What was pushed later than it was set could not be found.
    static bool Rebase(ref Frame frame, int register, long offset)
    {
        if (frame.Base == register) return true;
        if (frame.Saved != 0 || register < 0) return false;
        frame.Base = register;
        frame.Offset = -offset;
        return true;
    }

    static void Save(ref Frame frame, int windowsRegister, long offset)
    {
        int slot = FrameRule.SlotOf(Dwarf(windowsRegister));
        if (slot < 0) return;
        frame.SavedAt[slot] = offset;
        frame.Saved |= 1 << slot;
    }

    static bool TryMake(in Frame frame, ref FrameRule rule)
    {
        long cfa = frame.Offset + 8;
        if (cfa != (int)cfa) return false;
        rule.CfaRegister = (byte)frame.Base;
        rule.CfaOffset = (int)cfa;
        for (int slot = 0; slot < FrameRule.SavedRegisters; slot++)
        {
            if ((frame.Saved >> slot & 1) == 0) continue;
            long below = cfa - frame.SavedAt[slot];
            if (below < 8 || below > 8 * FrameRule.MostSlot || (below & 7) != 0) return false;
            rule.Slot[slot] = (byte)(below / 8);
        }
        return true;
    }

    static uint Far(ushort* codes, ref int i)
    {
        i += 2;
        return codes[i - 1] | (uint)codes[i] << 16;
    }

    // Windows numbers rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi; DWARF rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp.
    static int Dwarf(int register) => register switch { 1 => 2, 2 => 1, 4 => 7, 5 => 6, 6 => 4, 7 => 5, _ => register };
}
