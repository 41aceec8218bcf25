using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Tests.Ids;

public sealed class IdTests
{
    [Theory]
    [InlineData("s-a")]
    [InlineData("s-co2.control_01-A")]
    public void A_key_with_its_prefix_is_an_id(string text)
    {
        new SimulationId(text).Value.ShouldBe(text);

        SimulationId.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(new SimulationId(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s-")]
    [InlineData("n-a")]
    [InlineData("s-a b")]
    [InlineData("s-a+b")]
    [InlineData("s-é")]
    public void What_storage_or_a_path_could_misread_is_refused_with_the_reason(string text)
    {
        var refusal = Should.Throw<InvalidIdException>(() => new SimulationId(text));

        refusal.Type.ShouldBe(nameof(SimulationId));
        refusal.Value.ShouldBe(text);
        refusal.Message.ShouldContain($"\"{text}\"");
        SimulationId.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_key_has_at_most_122_characters()
    {
        new NodeId("n-" + new string('x', 120)).Value.Length.ShouldBe(122);

        Should.Throw<InvalidIdException>(() => new NodeId("n-" + new string('x', 121))).Message.ShouldContain("122 are allowed");
    }

    [Fact]
    public void An_id_is_a_plain_string_in_JSON_as_a_value_and_as_a_key()
    {
        var owners = new Dictionary<SimulationId, NodeId> { [new("s-1")] = new("n-1") };

        var json = JsonSerializer.Serialize(owners);

        json.ShouldBe("""{"s-1":"n-1"}""");
        JsonSerializer.Deserialize<Dictionary<SimulationId, NodeId>>(json).ShouldBe(owners);
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<NodeId>("\"s-1\"")).Message.ShouldContain("must start with \"n-\"");
    }

    [Fact]
    public void An_id_that_names_nothing_is_null_in_JSON_and_comes_back()
    {
        var json = JsonSerializer.Serialize(new Dictionary<string, NodeId> { ["owner"] = default });

        json.ShouldBe("""{"owner":null}""");
        JsonSerializer.Deserialize<Dictionary<string, NodeId>>(json)!["owner"].ShouldBe(default);
        JsonSerializer.Deserialize<NodeId?>("null").ShouldBeNull();
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<NodeId>("\"\""));
    }

    [Fact]
    public void No_id_ever_reads_as_a_hexadecimal_number()
    {
        char[] prefixes = [SimulationId.Prefix, NodeId.Prefix, ScenarioId.Prefix, ClusterId.Prefix, AccountId.Prefix];

        prefixes.ShouldAllBe(prefix => !char.IsAsciiHexDigit(prefix));
        prefixes.ShouldBeUnique();
    }

    [Fact]
    public void The_text_of_an_attempt_reads_back_as_the_same_attempt()
    {
        var epochs = Gen.Choose(1, int.MaxValue);
        var stages = Gen.Elements("spin-up", "coupled", "a_b", "X1");
        var attempts = from epoch in epochs from stage in stages select new AttemptId(new("s-co2.2x-03"), stage, epoch);

        Prop.ForAll(attempts.ToArbitrary(), attempt => AttemptId.TryParse(attempt.ToString(), out var parsed) && parsed == attempt)
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("s-1")]
    [InlineData("s-1/coupled")]
    [InlineData("s-1@1/coupled")]
    [InlineData("n-1/coupled@1")]
    [InlineData("s-1/coupled@-1")]
    [InlineData("s-1/coupled@0")]
    [InlineData("s-1/@1")]
    public void What_is_no_attempt_is_not_read_as_one(string? text) => AttemptId.TryParse(text, out _).ShouldBeFalse();

    /// <summary>A state that names no account was stored once and could never be read again.</summary>
    [Fact]
    public void An_id_that_names_nothing_reads_back_as_it_was_written()
    {
        var text = System.Text.Json.JsonSerializer.Serialize(new Orchestrator.Core.Accounts.Ownership { User = "ada" });

        System.Text.Json.JsonSerializer.Deserialize<Orchestrator.Core.Accounts.Ownership>(text).ShouldBe(new Orchestrator.Core.Accounts.Ownership { User = "ada" });
        Should.Throw<System.Text.Json.JsonException>(() => System.Text.Json.JsonSerializer.Deserialize<AccountId>("\"\""));
    }
}
