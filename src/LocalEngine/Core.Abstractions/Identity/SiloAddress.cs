using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace Orleans.Runtime;

/// <summary>The address of one life of a silo: endpoint and generation, written "address:port@generation".</summary>
[Immutable, GenerateSerializer]
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>, ISpanFormattable, IParsable<SiloAddress>, IUtf8SpanParsable<SiloAddress>
{
    private static readonly DateTimeOffset Epoch = new(2022, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static long lastGeneration;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>An address that is nobody's.</summary>
    public static SiloAddress Zero { get; } = New(new IPAddress(0), 0, 0);

    /// <summary>The network endpoint. In the local engine a mere name: nothing listens there.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which life of the endpoint; negative for clients.</summary>
    public int Generation { get; }

    /// <summary>Whether it is a client's.</summary>
    public bool IsClient => Generation < 0;

    /// <summary>The address of an endpoint and a generation.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => New(ep.Address, ep.Port, gen);

    /// <summary>The address of an endpoint and a generation.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) =>
        new(new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port), generation);

    /// <summary>A generation that this process has not given out before.</summary>
    public static int AllocateNewGeneration()
    {
        var elapsed = (long)(TimeProvider.System.GetUtcNow() - Epoch).TotalSeconds;
        long last, next;
        do
        {
            last = Interlocked.Read(ref lastGeneration);
            next = Math.Max(elapsed, last + 1);
        }
        while (Interlocked.CompareExchange(ref lastGeneration, next, last) != last);
        return unchecked((int)next);
    }

    /// <summary>The text that <see cref="FromParsableString"/> reads.</summary>
    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Address}:{Endpoint.Port}@{Generation}");

    /// <summary>Reads "address:port@generation".</summary>
    public static SiloAddress FromParsableString(string addr) => Parse(addr, null);

    /// <summary>Reads "address:port@generation".</summary>
    public static SiloAddress FromUtf8String(ReadOnlySpan<byte> addr) => Parse(addr, null);

    /// <summary>Reads "address:port@generation".</summary>
    public static SiloAddress Parse(string value) => Parse(value, null);

    /// <summary>Reads "address:port@generation".</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static SiloAddress Parse(string value, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryParse(value, provider, out var result) ? result : throw new FormatException("Invalid string SiloAddress: " + value);
    }

    /// <summary>Reads "address:port@generation".</summary>
    public static SiloAddress Parse(ReadOnlySpan<byte> utf8Text) => Parse(utf8Text, null);

    /// <summary>Reads "address:port@generation".</summary>
    public static SiloAddress Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null) => Parse(Encoding.UTF8.GetString(utf8Text), provider);

    /// <summary>Reads "address:port@generation", if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, [NotNullWhen(true)] out SiloAddress? result) => TryParse(value, null, out result);

    /// <summary>Reads "address:port@generation", if it is one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, [NotNullWhen(true)] out SiloAddress? result) => TryParse(utf8Text, null, out result);

    /// <summary>Reads "address:port@generation", if it is one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, [NotNullWhen(true)] out SiloAddress? result) =>
        TryParse(Encoding.UTF8.GetString(utf8Text), provider, out result);

    /// <summary>Reads "address:port@generation", if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, IFormatProvider? provider, [NotNullWhen(true)] out SiloAddress? result)
    {
        result = null;
        var at = value?.LastIndexOf('@') ?? -1;
        var colon = at < 0 ? -1 : value!.LastIndexOf(':', at);
        if (colon < 0
            || !IPAddress.TryParse(value.AsSpan(0, colon), out var address)
            || !ushort.TryParse(value.AsSpan(colon + 1, at - colon - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || !int.TryParse(value.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation))
        {
            return false;
        }

        result = New(address, port, generation);
        return true;
    }

    /// <inheritdoc />
    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc />
    public override int GetHashCode() => Endpoint.GetHashCode() ^ Generation;

    /// <summary>A hash that is the same everywhere.</summary>
    public int GetConsistentHashCode()
    {
        Span<byte> buffer = stackalloc byte[24];
        buffer.Clear();
        Endpoint.Address.TryWriteBytes(buffer, out _);
        BitConverter.TryWriteBytes(buffer[16..], Endpoint.Port);
        BitConverter.TryWriteBytes(buffer[20..], Generation);
        return unchecked((int)StableHash.ComputeHash(buffer));
    }

    /// <inheritdoc />
    public int CompareTo(SiloAddress? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Generation.CompareTo(other.Generation);
        order = order != 0 ? order : Endpoint.Port.CompareTo(other.Endpoint.Port);
        return order != 0 ? order : Endpoint.Address.GetAddressBytes().AsSpan().SequenceCompareTo(other.Endpoint.Address.GetAddressBytes());
    }

    /// <summary>Whether it is an earlier life of the same endpoint.</summary>
    public bool IsPredecessorOf(SiloAddress other) => Endpoint.Equals(other.Endpoint) && Generation < other.Generation;

    /// <summary>Whether it is a later life of the same endpoint.</summary>
    public bool IsSuccessorOf(SiloAddress other) => Endpoint.Equals(other.Endpoint) && Generation > other.Generation;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsClient ? 'C' : 'S')}{Endpoint}:{Generation}");

    /// <summary>The text with the hash behind it.</summary>
    public string ToStringWithHashCode() => string.Create(CultureInfo.InvariantCulture, $"{this}/x{GetConsistentHashCode():X8}");

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => format == "H" ? ToStringWithHashCode() : ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{(format is "H" ? ToStringWithHashCode() : ToString())}", out charsWritten);
}
