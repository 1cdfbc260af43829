namespace Lampyris;

// Strict mode, and the plugin that the environment names can't serve: every use says so.
sealed unsafe class RefusedAllocator(PluginLoadException why) : OtherAllocator
{
    public override string Name => "none";

    public override void* Allocate(nuint bytes) => throw Failure();

    public override void* AllocateAligned(nuint alignment, nuint bytes) => throw Failure();

    public override void Deallocate(void* block) => throw Failure();

    public override void WriteStatus(byte* buffer, nuint bufferBytes) => throw Failure();

    public override bool Profile(bool active, byte* prefix) => throw Failure();

    PluginLoadException Failure() => new(why.Message, why);
}
