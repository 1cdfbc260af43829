using System;
using Xunit;

namespace Lampyris.Tests;

public sealed unsafe class WindowsUnwindInfoTests
{
    // Words of codes: the operation in bits 8 to 11, its operand above, the offset in the prologue below (of no meaning here).
    static bool TryDecode(byte flagsAndVersion, byte frame, ushort[] codes, out FrameRule rule)
    {
        byte* info = stackalloc byte[128];
        info[0] = flagsAndVersion;
        info[2] = (byte)codes.Length;
        info[3] = frame;
        for (int i = 0; i < codes.Length; i++) ((ushort*)(info + 4))[i] = codes[i];
        return WindowsUnwindInfo.TryDecode((ulong)info, 0, out rule);
    }

    static ushort Code(int operation, int operand) => (ushort)(operation << 8 | operand << 12);

    [Fact]
    public void PushesAndAllocationsGiveTheFrame()
    {
        // push rbp; push r15; push rbx; sub rsp, 0x28
        Assert.True(TryDecode(1, 0, [Code(2, 4), Code(0, 3), Code(0, 15), Code(0, 5)], out FrameRule rule));
        Assert.Equal(CfaRow.StackPointer, rule.CfaRegister);
        Assert.Equal(0x28 + 3 * 8 + 8, rule.CfaOffset);
        Assert.Equal(2, rule.Slot[FrameRule.SlotOf(6)]);
        Assert.Equal(3, rule.Slot[FrameRule.SlotOf(15)]);
        Assert.Equal(4, rule.Slot[FrameRule.SlotOf(3)]);
        Assert.Equal(0, rule.Slot[FrameRule.SlotOf(12)]);
    }

    [Fact]
    public void AFramePointerReplacesTheStackPointer()
    {
        // push rbp; push rbx; sub rsp, 64; lea rbp, [rsp + 32]
        Assert.True(TryDecode(1, 5 | 2 << 4, [Code(3, 0), Code(2, 7), Code(0, 3), Code(0, 5)], out FrameRule rule));
        Assert.Equal(CfaRow.FramePointer, rule.CfaRegister);
        Assert.Equal(64 - 32 + 16 + 8, rule.CfaOffset);
        Assert.Equal(2, rule.Slot[FrameRule.SlotOf(6)]);
        Assert.Equal(3, rule.Slot[FrameRule.SlotOf(3)]);
    }

    [Fact]
    public void LargeFramesHaveLargeOffsets()
    {
        // push rbp; sub rsp, 100,000; lea rbp, [rsp + 99,968], as CoreCLR says it on Unix
        Assert.True(TryDecode(1, 5 | 15 << 4, [Code(11, 0), 99_968 / 16, 0, Code(1, 1), unchecked((ushort)100_000), 100_000 >> 16, Code(0, 5)], out FrameRule rule));
        Assert.Equal(100_000 - 99_968 + 8 + 8, rule.CfaOffset);
        // sub rsp, 4096
        Assert.True(TryDecode(1, 0, [Code(1, 0), 512], out rule));
        Assert.Equal(4096 + 8, rule.CfaOffset);
    }

    [Fact]
    public void SavedRegistersAreFoundFromTheStackPointer()
    {
        // sub rsp, 80; mov [rsp + 64], r12; mov [rsp + 72], rbx
        Assert.True(TryDecode(1, 0, [Code(4, 12), 8, Code(4, 3), 9, Code(2, 9)], out FrameRule rule));
        Assert.Equal(88, rule.CfaOffset);
        Assert.Equal((88 - 64) / 8, rule.Slot[FrameRule.SlotOf(12)]);
        Assert.Equal((88 - 72) / 8, rule.Slot[FrameRule.SlotOf(3)]);
    }

    [Fact]
    public void AChainIsFollowedToItsEnd()
    {
        // At 0: sub rsp, 32, chained to what is at 64: push rbp; sub rsp, 16.
        byte* image = stackalloc byte[128];
        new Span<byte>(image, 128).Clear();
        image[0] = 1 | 4 << 3;
        image[2] = 1;
        ((ushort*)(image + 4))[0] = Code(2, 3);
        ((uint*)(image + 8))[2] = 64;                   // behind an even number of codes
        image[64] = 1;
        image[66] = 2;
        ((ushort*)(image + 68))[0] = Code(2, 1);
        ((ushort*)(image + 68))[1] = Code(0, 5);
        Assert.True(WindowsUnwindInfo.TryDecode((ulong)image, 0, out FrameRule rule));
        Assert.Equal(32 + 16 + 8 + 8, rule.CfaOffset);
        Assert.Equal(2, rule.Slot[FrameRule.SlotOf(6)]);
    }

    [Fact]
    public void WhatNoCompilerSaysIsRefused()
    {
        Assert.False(TryDecode(3, 0, [], out _));                           // an unknown version
        Assert.False(TryDecode(1, 0, [Code(10, 0)], out _));                // a trap frame
        Assert.False(TryDecode(1, 0, [Code(1, 0)], out _));                 // cut off
        Assert.False(TryDecode(1, 5, [Code(0, 3), Code(3, 0)], out _));     // a push after the frame pointer was set
    }
}
