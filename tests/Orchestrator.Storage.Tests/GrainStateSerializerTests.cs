using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Storage.Tests;

public sealed class GrainStateSerializerTests
{
    private static readonly GrainStateSerializer Serializer = new(new GrainStateSerializerOptions());

    public static TheoryData<string> GoldenFiles =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.json", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "Golden"), path))
            .Order(StringComparer.Ordinal)];

    [Fact]
    public void A_state_comes_back_as_it_was()
    {
        var state = new GoldenState
        {
            Status = GoldenStatus.Running,
            Names = new Dictionary<GoldenId, string> { [new("s-1")] = "one", [new("s-2")] = "two" },
            Shape = new GoldenShape.Circle { Radius = double.NaN },
            At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 1, TimeSpan.FromHours(2)),
        };

        var back = Serializer.Deserialize<GoldenState>(Serializer.Serialize(state));

        back.Status.ShouldBe(GoldenStatus.Running);
        back.Names.ShouldBe(state.Names);
        back.Shape.ShouldBe(state.Shape);
        back.At.ShouldBe(state.At);
        back.Note.ShouldBeNull();
    }

    [Fact]
    public void The_version_comes_first_and_no_type_of_this_program_is_named()
    {
        var text = Text(new GoldenState { Shape = new GoldenShape.Square { Side = 1 }, Names = new Dictionary<GoldenId, string> { [new("s-1")] = "\"é\"" } });

        text.ShouldStartWith("{\"v\":1,");
        text.ShouldContain("\"$type\":\"square\"");
        text.ShouldContain("{\"s-1\":\"\\\"é\\\"\"}");
        text.ShouldNotContain("Golden");
        text.ShouldNotContain("Orchestrator");
    }

    [Fact]
    public void An_empty_state_is_a_version_alone()
    {
        Text(new Empty()).ShouldBe("{\"v\":1}");
        Serializer.Deserialize<Empty>(new BinaryData("{\"v\":1}")).ShouldNotBeNull();
    }

    [Fact]
    public void A_hierarchy_is_a_state_too()
    {
        GoldenShape shape = new GoldenShape.Square { Side = 3 };

        var payload = Serializer.Serialize(shape);

        payload.ToString().ShouldBe("{\"v\":1,\"$type\":\"square\",\"side\":3}");
        Serializer.Deserialize<GoldenShape>(payload).ShouldBe(shape);
    }

    [Fact]
    public void A_newer_version_is_refused_and_an_older_one_is_read()
    {
        var newer = new GrainStateSerializer(new GrainStateSerializerOptions().Version<Empty>(12));

        var payload = newer.Serialize(new Empty());
        var refusal = Should.Throw<StateVersionException>(() => Serializer.Deserialize<Empty>(payload));

        payload.ToString().ShouldBe("{\"v\":12}");
        refusal.Message.ShouldContain("version 12");
        refusal.Message.ShouldContain("up to 1");
        newer.Deserialize<Empty>(Serializer.Serialize(new Empty())).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"a\":{\"v\":1}}")]
    [InlineData("{\"v\":\"1\"}")]
    [InlineData("{\"v\":0}")]
    public void A_payload_without_a_version_is_refused(string payload) =>
        Should.Throw<StateVersionException>(() => Serializer.Deserialize<Empty>(new BinaryData(payload)));

    [Fact]
    public void The_version_may_stand_anywhere() =>
        Serializer.Deserialize<GoldenState>(new BinaryData("{\"names\":{\"v\":\"x\"},\"status\":2,\"v\":1}")).Status.ShouldBe(GoldenStatus.Running);

    [Fact]
    public void A_torn_payload_is_not_read()
    {
        var payload = Serializer.Serialize(new GoldenState { Note = "whole" }).ToArray();

        Should.Throw<JsonException>(() => Serializer.Deserialize<GoldenState>(new BinaryData(payload[..^4])));
    }

    [Fact]
    public void A_state_that_takes_the_name_of_the_version_is_refused() => Should.Throw<InvalidOperationException>(() => Serializer.Serialize(new TakesTheName()));

    [Fact]
    public void What_is_no_object_is_no_state()
    {
        Should.Throw<InvalidOperationException>(() => Serializer.Serialize(7));
        Should.Throw<InvalidOperationException>(() => Serializer.Serialize<GoldenState>(null!));
    }

    /// <summary>
    /// Payloads that releases have stored, one file per state: <c>Golden/v1/ALIAS.json</c>, named by the alias of the state's type. A file that was released is never changed.
    /// </summary>
    [Theory, MemberData(nameof(GoldenFiles))]
    public void What_a_release_has_stored_still_loads(string file)
    {
        var alias = Path.GetFileNameWithoutExtension(file);
        var type = new[] { typeof(OrchestratorException).Assembly, typeof(GrainStateSerializer).Assembly, typeof(GoldenState).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SingleOrDefault(candidate => candidate.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias == alias);
        type.ShouldNotBeNull($"No type has the alias {alias} any more.");
        var stored = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", file));

        var state = Call(nameof(GrainStateSerializer.Deserialize), type, new BinaryData(stored));

        state.ShouldNotBeNull();
        var again = Call(nameof(GrainStateSerializer.Deserialize), type, Call(nameof(GrainStateSerializer.Serialize), type, state)!);
        Call(nameof(GrainStateSerializer.Serialize), type, again!)!.ToString().ShouldBe(Call(nameof(GrainStateSerializer.Serialize), type, state)!.ToString());
    }

    private static string Text<T>(T state) => Encoding.UTF8.GetString(Serializer.Serialize(state).ToArray());

    private static object? Call(string method, Type type, object argument) =>
        typeof(GrainStateSerializer).GetMethod(method)!.MakeGenericMethod(type).Invoke(Serializer, [argument]);

    internal sealed record Empty;

    internal sealed record TakesTheName
    {
        public int V { get; init; }
    }
}

internal enum GoldenStatus
{
    Absent = 0,
    Pending = 1,
    Running = 2,
}

[Alias("orchestrator.storage-tests.golden-state")]
internal sealed record GoldenState
{
    public GoldenStatus Status { get; init; }

    public IReadOnlyDictionary<GoldenId, string> Names { get; init; } = new Dictionary<GoldenId, string>();

    public GoldenShape? Shape { get; init; }

    public DateTimeOffset At { get; init; }

    public string? Note { get; init; }
}

[JsonPolymorphic, JsonDerivedType(typeof(Circle), "circle"), JsonDerivedType(typeof(Square), "square")]
internal abstract record GoldenShape
{
    internal sealed record Circle : GoldenShape
    {
        public double Radius { get; init; }
    }

    internal sealed record Square : GoldenShape
    {
        public double Side { get; init; }
    }
}

[JsonConverter(typeof(GoldenIdConverter))]
internal readonly record struct GoldenId(string Text);

internal sealed class GoldenIdConverter : JsonConverter<GoldenId>
{
    public override GoldenId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, GoldenId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);

    public override GoldenId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, GoldenId value, JsonSerializerOptions options) => writer.WritePropertyName(value.Text);
}
