using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lampyris;

static unsafe partial class StackWalker
{
    const int StackPointer = CfaRow.StackPointer, FramePointer = CfaRow.FramePointer, ReturnAddress = CfaRow.ReturnAddress;

    const ulong NearBytes = 128 * Units.MiB;

    static ulong s_madeCode;                    // where code was met last that nobody knows; any thread, a hint

    enum Step { Caller, End, Lost }

    [SkipLocalsInit]
    static int Walk(UnwindRegisters* registers, ulong* addresses, int capacity, out bool complete)
    {
        complete = false;
        Unsafe.SkipInit(out SafeMemory memory);
        memory.Start();
        OwnStack* own = UnwindHost.OwnStack();
        if (own->Holds(registers->Value[StackPointer])) memory.ReadDirectly(registers->Value[StackPointer], own->High);
        ulong ownCode, ownCodeEnd;
        UnwindHost.OwnCode(&ownCode, &ownCodeEnd);
        ushort now = RuleCache.Now();
        if (capacity > MaxDepth) capacity = MaxDepth;

        int count = 0, signalFrames = 0, ownFrames = 0;
        bool interrupted = false;               // by a signal: the frame's address is not one behind a call
        while (true)
        {
            ulong address = registers->Value[ReturnAddress];
            if (count > 0 || address - ownCode >= ownCodeEnd - ownCode)
            {
                if (count == capacity) return count;
                addresses[count++] = interrupted ? address + 1 : address;
            }
            else if (++ownFrames == MaxDepth)
            {
                return 0;
            }

            Step step;
            if (!interrupted && RuleCache.TryGet(address, now, out FrameRule rule)) step = Apply(rule, registers, ref memory);
            else step = StepSlow(registers, ref memory, now, ref interrupted);
            if (step != Step.Caller)
            {
                complete = step == Step.End;
                return count;
            }
            if (!interrupted) continue;
            // A handler may have run on a stack of its own.
            if (++signalFrames > MostSignalFrames) return count;
            ulong stackPointer = registers->Value[StackPointer];
            if (own->Holds(stackPointer) && memory.TryRead(stackPointer, out _)) memory.ReadDirectly(stackPointer, own->High);
        }
    }

    // From a frame to its caller by a rule. All that calls preserve is brought up to date.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Step Apply(in FrameRule rule, UnwindRegisters* registers, ref SafeMemory memory)
    {
        if ((rule.Flags & FrameRule.IsEnd) != 0) return Step.End;
        ulong cfa = registers->Value[rule.CfaRegister] + (ulong)rule.CfaOffset;
        if ((rule.Flags & FrameRule.IsIndirect) != 0 && !memory.TryRead(cfa, out cfa)) return Step.Lost;
        // Stacks grow down: a caller's frame is above.
        if (cfa <= registers->Value[StackPointer] || (cfa & 7) != 0) return Step.Lost;
        if (!memory.TryRead(cfa - 8, out ulong returnAddress)) return Step.Lost;
        ulong slots = rule.Slots;
        while (slots != 0)
        {
            int shift = BitOperations.TrailingZeroCount(slots) & ~7;
            ulong place = slots >> shift & 0xFF;
            if (!memory.TryRead(cfa - place * 8, out registers->Value[FrameRule.RegisterOf(shift / 8)])) return Step.Lost;
            slots ^= place << shift;
        }
        registers->Value[StackPointer] = cfa;
        registers->Value[ReturnAddress] = returnAddress;
        return returnAddress == 0 ? Step.End : Step.Caller;
    }

    // As a whole: finds the rule of the frame, keeps it for next time where that is possible, applies it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static Step StepSlow(UnwindRegisters* registers, ref SafeMemory memory, ushort now, ref bool interrupted)
    {
        bool wasInterrupted = interrupted;
        ulong address = registers->Value[ReturnAddress];
        // A call may be a function's last instruction; then the address behind it is the next function's.
        ulong place = wasInterrupted ? address : address - 1;
        interrupted = false;
        FrameRule rule;
        if (ElfObject.TryFind(place, out ElfObject elf))
        {
            CfaProgram program = default;
            if (EhFrame.TryFind(elf, place, ref program, out bool isSignalFrame))
            {
                if (isSignalFrame || !FrameRule.TryMake(program.Row, elf.End, out rule))
                {
                    interrupted = isSignalFrame;
                    return ApplyRow(program.Row, elf, isSignalFrame, registers, ref memory);
                }
                if (!wasInterrupted) RuleCache.Put(address, now, rule);
                return Apply(rule, registers, ref memory);
            }
            // A function begins right here, and nothing is known of what is before: no call leads to such a return address. Who makes a
            // stack puts it there, for a coroutine's first function to return into.
            program = default;
            if (!wasInterrupted && EhFrame.TryFind(elf, address, ref program, out _)) return EndOrLost(elf);
        }
        else if (ManagedCode.TryFind(place, out rule))
        {
            if (!wasInterrupted) RuleCache.Put(address, now, rule);
            return Apply(rule, registers, ref memory);
        }

        if (registers->Value[FramePointer] == 0) return Step.End;           // how a thread's first function is marked
        if (!wasInterrupted && !IsCredible(address)) return Step.Lost;
        rule = FrameRule.OfFramePointer();
        if (!wasInterrupted) RuleCache.Put(address, now, rule);
        return Apply(rule, registers, ref memory);
    }

    // The last frame of a stack, unless .NET's runtime has put an address of its own there to stop the thread when it returns.
    static Step EndOrLost(in ElfObject elf) =>
        ManagedRuntime.TryGet(out ManagedRuntime.Layout* layout) && layout->Anchor >= elf.Start && layout->Anchor < elf.End ? Step.Lost : Step.End;

    // From a frame to its caller by a row that is more than a rule.
    static Step ApplyRow(in CfaRow row, in ElfObject elf, bool isSignalFrame, UnwindRegisters* registers, ref SafeMemory memory)
    {
        if (row.Rule[ReturnAddress] == RegisterRule.Undefined) return Step.End;
        ulong cfa;
        if (row.CfaExpression == 0) cfa = registers->Value[(int)row.CfaRegister] + (ulong)row.CfaOffset;
        else if (!DwarfExpression.TryEvaluate(row.CfaExpression, elf.End, registers, false, 0, ref memory, out cfa)) return Step.Lost;
        if ((cfa & 7) != 0 || (cfa <= registers->Value[StackPointer] && !isSignalFrame)) return Step.Lost;

        UnwindRegisters caller = *registers;
        caller.Value[StackPointer] = cfa;
        for (int register = 0; register < CfaRow.Registers; register++)
        {
            long operand = row.Operand[register];
            ulong value;
            switch (row.Rule[register])
            {
                case RegisterRule.Same or RegisterRule.Undefined: continue;
                case RegisterRule.AtOffset:
                    if (!memory.TryRead(cfa + (ulong)operand, out value)) return Step.Lost;
                    break;
                case RegisterRule.IsOffset: value = cfa + (ulong)operand; break;
                case RegisterRule.InRegister:
                    if ((ulong)operand >= CfaRow.Registers) return Step.Lost;
                    value = registers->Value[(int)operand];
                    break;
                default:
                    if (!DwarfExpression.TryEvaluate((ulong)operand, elf.End, registers, true, cfa, ref memory, out value)) return Step.Lost;
                    if (row.Rule[register] == RegisterRule.AtExpression && !memory.TryRead(value, out value)) return Step.Lost;
                    break;
            }
            caller.Value[register] = value;
        }
        if (row.Rule[ReturnAddress] == RegisterRule.Same) return Step.Lost;
        *registers = caller;
        return caller.Value[ReturnAddress] == 0 ? Step.End : Step.Caller;
    }

    // Whether code that nobody knows may be there: there is a call before the address, or it is near to where there was one.
    // Interpreters that were made at run time, Java's among them, return to places that they computed.
    static bool IsCredible(ulong address)
    {
        ulong near = s_madeCode;
        if (near != 0 && address - near + NearBytes < 2 * NearBytes) return true;
        if (!IsBehindCall(address)) return false;
        s_madeCode = address;
        return true;
    }

    // Whether the bytes before the address are a call: `E8` and an offset, or `FF /2` with 0 to 5 bytes of operand.
    static bool IsBehindCall(ulong address)
    {
        const int Longest = 8;
        byte* code = stackalloc byte[Longest];
        if (SafeMemory.Copy(address - Longest, code, Longest) != Longest) return false;
        if (code[Longest - 5] == 0xE8) return true;
        for (int bytes = 2; bytes <= 7; bytes++)
            if (code[Longest - bytes] == 0xFF && (code[Longest - bytes + 1] >> 3 & 7) == 2) return true;
        return false;
    }
}
