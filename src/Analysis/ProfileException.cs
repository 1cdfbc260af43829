using System;

namespace Lampyris.Analysis;

/// <summary>Nothing can be read from this file; the message is one line that names it.</summary>
public sealed class ProfileException(string message) : Exception(message);
