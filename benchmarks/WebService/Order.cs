using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace Lampyris.Benchmarks;

/// <summary>What a client sends.</summary>
internal sealed record Order(string Customer, IReadOnlyList<Line> Lines);

/// <summary>One article of an order; the price is in cents.</summary>
internal sealed record Line(string Article, int Count, int Price);

/// <summary>What it gets back; the sum is in cents, the digest is SHA-256 of the text.</summary>
internal sealed record Receipt(string Text, int Sum, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
internal sealed partial class OrderJson : JsonSerializerContext;
