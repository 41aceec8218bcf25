namespace LocalEngine.Tests.Serialization;

[GenerateSerializer, Alias("test.address")]
public sealed record Address
{
    [Id(0)] public string Street { get; init; } = "";

    [Id(1)] private int Number { get; init; }

    [Id(2)] private readonly List<string> notes = [];

    public string NotSent { get; set; } = "made by the constructor";

    public IReadOnlyList<string> Notes => notes;

    public int NumberOf() => Number;

    public static Address Of(string street, int number, params string[] notes)
    {
        var address = new Address { Street = street, Number = number };
        address.notes.AddRange(notes);
        return address;
    }
}

[GenerateSerializer, Alias("test.animal")]
public abstract record Animal
{
    [Id(0)] public string Name { get; init; } = "";
}

[GenerateSerializer, Alias("test.dog")]
public sealed record Dog : Animal
{
    [Id(0)] public List<Animal> Friends { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("test.stone")]
public sealed record Stone
{
    [Id(0)] public int Weight { get; init; }
}

[GenerateSerializer, Immutable, Alias("test.hollow-stone")]
public sealed record HollowStone
{
    [Id(0)] public Unattributed? Inside { get; init; }
}

[GenerateSerializer, Alias("test.point")]
public struct Point
{
    [Id(0)] public int X { get; set; }

    [Id(1)] public int[]? Marks { get; set; }
}

[GenerateSerializer, Alias("test.node")]
public sealed class Node
{
    [Id(0)] public Node? Next { get; set; }

    [Id(1)] public Node? Other { get; set; }

    [Id(2)] public object? Anything { get; set; }
}

[GenerateSerializer, Alias("test.shelf")]
public sealed class Shelf
{
    [Id(0)] public IReadOnlyList<int> Numbers { get; set; } = [];

    [Id(1)] public IReadOnlyDictionary<string, Address> Places { get; set; } = new Dictionary<string, Address>();

    [Id(2)] public IEnumerable<Address> Lazy { get; set; } = [];

    [Id(3)] public (int Count, List<string> Names) Pair { get; set; }

    [Id(4)] public int? Maybe { get; set; }

    [Id(5)] public Point? Spot { get; set; }
}

[GenerateSerializer, Alias("test.badly-derived")]
public sealed class BadlyDerived : Unattributed
{
    [Id(0)] public int More { get; set; }
}

public class Unattributed
{
    public int Value { get; set; }
}

public delegate void Callback();

[GenerateSerializer, Alias("test.known-exception")]
public sealed class KnownException(string message) : Exception(message);
