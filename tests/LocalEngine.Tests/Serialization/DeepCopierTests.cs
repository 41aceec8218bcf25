using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace LocalEngine.Tests.Serialization;

/// <summary>What a receiver gets: a copy that shares nothing that anybody can change, or an error that names the type.</summary>
public sealed class DeepCopierTests : IDisposable
{
    private readonly ServiceProvider services;
    private readonly DeepCopier copier;

    public DeepCopierTests()
    {
        var collection = new ServiceCollection();
        collection.AddSerializer();
        services = collection.BuildServiceProvider();
        copier = services.GetRequiredService<DeepCopier>();
    }

    public void Dispose() => services.Dispose();

    [Fact]
    public void Members_with_ids_are_copied_private_and_init_only_ones_too()
    {
        var original = Address.Of("High Street", 7, "ring twice");

        var copy = copier.Copy(original);

        copy.ShouldNotBeSameAs(original);
        copy.Street.ShouldBe("High Street");
        copy.NumberOf().ShouldBe(7);
        copy.Notes.ShouldBe(["ring twice"]);
        copy.Notes.ShouldNotBeSameAs(original.Notes);
    }

    [Fact]
    public void Members_without_an_id_are_what_the_constructor_makes_them()
    {
        var original = Address.Of("High Street", 7);
        original.NotSent = "local";

        copier.Copy(original).NotSent.ShouldBe("made by the constructor");
    }

    [Fact]
    public void Immutable_values_are_passed_as_they_are()
    {
        var stone = new Stone { Weight = 3 };
        var stones = ImmutableList.Create(stone);
        const string Text = "text";

        copier.Copy(stone).ShouldBeSameAs(stone);
        copier.Copy(stones).ShouldBeSameAs(stones);
        copier.Copy(Text).ShouldBeSameAs(Text);
        copier.Copy(typeof(Stone)).ShouldBe(typeof(Stone));
    }

    [Fact]
    public void Values_are_copied_by_their_type_at_run_time()
    {
        Animal original = new Dog { Name = "Rex", Friends = [new Dog { Name = "Bello" }] };

        var copy = copier.Copy(original);

        copy.ShouldNotBeSameAs(original);
        var dog = copy.ShouldBeOfType<Dog>();
        dog.Name.ShouldBe("Rex");
        dog.Friends.ShouldHaveSingleItem().ShouldBeOfType<Dog>().Name.ShouldBe("Bello");
        dog.Friends.ShouldNotBeSameAs(((Dog)original).Friends);
    }

    [Fact]
    public void One_object_in_two_places_stays_one_object()
    {
        var shared = new Node();
        var original = new Node { Next = shared, Other = shared, Anything = shared };

        var copy = copier.Copy(original);

        copy.Next.ShouldNotBeNull().ShouldNotBeSameAs(shared);
        copy.Other.ShouldBeSameAs(copy.Next);
        copy.Anything.ShouldBeSameAs(copy.Next);
    }

    [Fact]
    public void An_object_that_contains_itself_is_copied()
    {
        var original = new Node();
        original.Next = new Node { Next = original, Anything = new List<object> { original } };

        var copy = copier.Copy(original);

        copy.ShouldNotBeSameAs(original);
        copy.Next!.Next.ShouldBeSameAs(copy);
        copy.Next.Anything.ShouldBeOfType<List<object>>().ShouldHaveSingleItem().ShouldBeSameAs(copy);
    }

    [Fact]
    public void Structs_and_nullables_copy_what_they_refer_to()
    {
        var original = new Shelf { Spot = new Point { X = 1, Marks = [1, 2] }, Maybe = 4, Pair = (2, ["a", "b"]) };

        var copy = copier.Copy(original);

        copy.Spot!.Value.X.ShouldBe(1);
        copy.Spot.Value.Marks.ShouldBe([1, 2]);
        copy.Spot.Value.Marks.ShouldNotBeSameAs(original.Spot.Value.Marks);
        copy.Maybe.ShouldBe(4);
        copy.Pair.Names.ShouldBe(["a", "b"]);
        copy.Pair.Names.ShouldNotBeSameAs(original.Pair.Names);
    }

    [Fact]
    public void What_is_declared_as_an_interface_keeps_its_type_or_becomes_the_plain_collection()
    {
        var original = new Shelf
        {
            Numbers = [1, 2, 3],
            Places = new Dictionary<string, Address> { ["home"] = Address.Of("High Street", 7) },
            Lazy = Enumerable.Range(1, 2).Select(static number => Address.Of("Low Street", number)),
        };

        var copy = copier.Copy(original);

        copy.Numbers.ShouldBe([1, 2, 3]);
        copy.Numbers.ShouldBeOfType<List<int>>();
        copy.Places.ShouldBeOfType<Dictionary<string, Address>>()["home"].ShouldNotBeSameAs(original.Places["home"]);
        copy.Lazy.ShouldBeOfType<List<Address>>().Select(static address => address.NumberOf()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Collections_are_copied_with_their_order_and_their_comparers()
    {
        var inner = new List<int> { 1 };

        copier.Copy(new Stack<int>([1, 2, 3])).ShouldBe([3, 2, 1]);
        copier.Copy(new Queue<List<int>>([inner])).Single().ShouldNotBeSameAs(inner);
        copier.Copy(new[] { inner }).Single().ShouldNotBeSameAs(inner);
        copier.Copy(ImmutableArray.Create(inner)).Single().ShouldNotBeSameAs(inner);
        copier.Copy(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "A" }).Contains("a").ShouldBeTrue();
        copier.Copy(new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase) { ["A"] = inner })["a"].ShouldBe([1]);
        copier.Copy(new SortedDictionary<string, int> { ["b"] = 2, ["a"] = 1 }).Keys.ShouldBe(["a", "b"]);
        copier.Copy(Tuple.Create(inner, 2)).Item1.ShouldNotBeSameAs(inner);
        copier.Copy(new int[,] { { 1, 2 }, { 3, 4 } }).ShouldBe(new int[,] { { 1, 2 }, { 3, 4 } });
    }

    [Fact]
    public void A_type_without_an_attribute_is_refused_by_name_wherever_it_hides()
    {
        var error = Should.Throw<CodecNotFoundException>(() => copier.Copy(new Unattributed()));
        error.Message.ShouldContain(typeof(Unattributed).FullName!);

        Should.Throw<CodecNotFoundException>(() => copier.Copy(new List<Unattributed> { new() }));
        Should.Throw<CodecNotFoundException>(() => copier.Copy(new Node { Anything = new Unattributed() }));
        Should.Throw<CodecNotFoundException>(() => copier.Copy(new Node { Anything = new Callback(Dispose) }));
    }

    [Fact]
    public void What_only_another_process_would_refuse_is_refused_too()
    {
        Should.Throw<CodecNotFoundException>(() => copier.Copy(new HollowStone()));
        Should.Throw<CodecNotFoundException>(() => copier.Copy(new HollowStone())).Message.ShouldContain(nameof(Unattributed));
        Should.Throw<CodecNotFoundException>(() => copier.Copy(new BadlyDerived()));
    }

    [Fact]
    public void Exceptions_are_passed_when_they_are_attributed_or_of_the_platform()
    {
        var known = new KnownException("known");
        var platform = new InvalidOperationException("platform");

        copier.Copy<object>(known).ShouldBeSameAs(known);
        copier.Copy<object>(platform).ShouldBeSameAs(platform);
        Should.Throw<CodecNotFoundException>(() => copier.Copy<object>(new UnknownException()));
    }

    private sealed class UnknownException : Exception;
}
