namespace Lampyris.Benchmarks;

/// <summary>What was asked for can't be measured here: something is not installed, or there is no such thing. The
/// message says what, and how to get it.</summary>
internal sealed class CannotMeasureException(string message) : Exception(message);
