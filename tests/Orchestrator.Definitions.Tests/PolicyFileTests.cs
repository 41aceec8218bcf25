using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Definitions.Tests;

public sealed class PolicyFileTests
{
    private static readonly DirectoryInfo Root = FindRoot();

    [Fact]
    public void A_file_says_what_differs_from_the_default_policy()
    {
        var settings = Read("""
            running_max: 500
            order:
              weights: { class: 2, fair_share: 0.5 }
              raise_after: none
              head_start: { small: 3 }
              usage_half_life: 7d
            backfill: { kind: conservative, depth: 200, window: 2d, useful_least: 0 }
            preemption: { enabled: false, cap_high: 0 }
            energy: { mode: night-savings, off_after: 30m, utc_offset: "+02:00", intensive_gpu_memory: 40G, tariff: { peak_from: 6 } }
            """);

        settings.RunningMax.ShouldBe(500);
        settings.Order.Weights.ShouldBe(new PriorityWeights { Class = 2, FairShare = 0.5 });
        settings.Order.RaiseAfter.ShouldBeNull();
        settings.Order.HeadStart.ShouldBe(new HeadStartSettings { Small = 3 });
        settings.Order.UsageHalfLife.ShouldBe(TimeSpan.FromDays(7));
        settings.Backfill.ShouldBe(new BackfillSettings { Kind = BackfillKind.Conservative, Depth = 200, Window = TimeSpan.FromDays(2), UsefulLeast = TimeSpan.Zero });
        settings.Preemption.Enabled.ShouldBeFalse();
        settings.Energy.Mode.ShouldBe(EnergyMode.NightSavings);
        settings.Energy.UtcOffset.ShouldBe(TimeSpan.FromHours(2));
        settings.Energy.IntensiveGpuMemory.ShouldBe(40L << 30);
        settings.Energy.Tariff.PeakFrom.ShouldBe(6);
        settings.Protection.ShouldBe(new());
    }

    [Fact]
    public void What_is_written_is_read_as_the_same_settings()
    {
        var unusual = new SchedulingSettings
        {
            RunningMax = 7,
            Order = new() { RaiseAfter = null, LongestWait = TimeSpan.FromSeconds(90.5), Overload = true, PromiseLowers = 0.123456789 },
            Backfill = new() { UsefulLeast = TimeSpan.Zero, Window = TimeSpan.FromHours(36) },
            Energy = new() { Mode = EnergyMode.NightSavings, UtcOffset = TimeSpan.FromMinutes(-210), IntensiveGpuMemory = 64_000_000_001, OffAfter = TimeSpan.FromMinutes(30) },
        };

        foreach (var settings in PolicyFile.Presets.Select(static name => PolicyFile.Preset(name)!).Append(unusual))
        {
            Read(PolicyFile.Write(settings)).ShouldBe(settings);
        }
    }

    [Theory]
    [InlineData(1, "0.000977K"), InlineData(4096, "4K"), InlineData(40L << 30, "40G"), InlineData(64_000_000_000, "62500000K"), InlineData(1L << 60, "1024P")]
    public void Sizes_are_written_as_they_are_read(long bytes, string text)
    {
        SizeText.Write(bytes).ShouldBe(text);
        SizeText.TryParse(text, out var read, out _).ShouldBeTrue();
        read.ShouldBe(bytes);
    }

    [Fact]
    public void Json_is_read_as_well() =>
        Read("""{ "order": { "policy": "deadline" }, "backfill": { "reservations": 4 } }""").Backfill.Reservations.ShouldBe(4);

    [Theory]
    [InlineData("fcfs", QueuePolicy.Fifo, BackfillKind.None)]
    [InlineData("easy", QueuePolicy.Fifo, BackfillKind.Easy)]
    [InlineData("easy-sjbf", QueuePolicy.Fifo, BackfillKind.EasyShortestFirst)]
    [InlineData("conservative", QueuePolicy.Fifo, BackfillKind.Conservative)]
    public void A_preset_is_what_the_rest_differs_from(string preset, QueuePolicy order, BackfillKind backfill)
    {
        var settings = Read($"preset: {preset}\nbackfill: {{ depth: 50 }}");

        settings.Order.Policy.ShouldBe(order);
        settings.Backfill.ShouldBe(PolicyFile.Preset(preset)!.Backfill with { Depth = 50 });
        settings.Backfill.Kind.ShouldBe(backfill);
    }

    [Fact]
    public void The_preset_default_and_an_empty_mapping_are_the_default_policy()
    {
        Read("preset: default").ShouldBe(new SchedulingSettings());
        Read("{}").ShouldBe(new SchedulingSettings());
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_their_place_and_what_is_allowed()
    {
        var reading = PolicyFile.Read("""
            preset: eazy
            ordr: {}
            order:
              policy: fifoo
              weights: { clas: 1, age: -1 }
              usage_half_life: 14
              promise_raises: 1.5
            backfill: { reservations: 0, kind: easy, depth: lots }
            preemption: { enabled: yes }
            energy: { utc_offset: 2, night_from: 24 }
            """);

        reading.Settings.ShouldBeNull();
        reading.Problems.Select(problem => problem.Path).ShouldBe(
        [
            "preset", "ordr", "order.policy", "order.weights.clas", "order.weights.age", "order.usage_half_life", "order.promise_raises", "backfill.reservations", "backfill.depth",
            "preemption.enabled", "energy.utc_offset", "energy.night_from",
        ], ignoreOrder: true);
        var told = reading.Problems.Select(problem => problem.ToString()).ToArray();
        told.ShouldContain("1:9 preset: \"eazy\" is no preset; did you mean \"easy\"?; allowed: fcfs, easy, easy-sjbf, conservative, default");
        told.ShouldContain("2:1 ordr: \"ordr\" is not known here; did you mean \"order\"?; allowed: preset, order, backfill, preemption, protection, shares, matching, energy, running_max");
        told.ShouldContain("4:11 order.policy: \"fifoo\" is none of the choices; did you mean \"fifo\"?; allowed: deadline, fair, fifo, priority, weighted");
        told.ShouldContain("5:28 order.weights.age: -1 is out of range; allowed: a number from 0 to 1000000");
        told.ShouldContain("8:27 backfill.reservations: 0 is out of range; allowed: a whole number from 1 to 1000000");
    }

    [Theory]
    [InlineData("order: { weights: { class: 0, age: 0, fair_share: 0, deadline: 0, size: 0, promise: 0 } }", "order.weights", "at least one above 0")]
    [InlineData("energy: { tariff: { peak_from: 20, peak_until: 8 } }", "energy.tariff.peak_until", "an hour after peak_from, up to 24")]
    [InlineData("- easy", "", "a mapping with preset, order, backfill, preemption, protection, shares, matching, energy, running_max")]
    [InlineData("order: { age_half: 0 }", "order.age_half", DurationText.Allowed)]
    [InlineData("order: {", "", "one YAML or JSON document")]
    public void What_cannot_hold_together_is_refused(string text, string path, string allowed)
    {
        var problem = PolicyFile.Read(text).Problems.ShouldHaveSingleItem();

        (problem.Path, problem.Allowed).ShouldBe((path, allowed));
    }

    [Fact]
    public void The_schema_of_the_documentation_is_the_one_of_the_reader()
    {
        var file = Path.Combine(Root.FullName, "docs", "policy-file.schema.json");
        if (Environment.GetEnvironmentVariable("UPDATE_CONTRACTS") == "1")
        {
            File.WriteAllText(file, PolicySchema.Text());
        }

        File.ReadAllText(file).ShouldBe(PolicySchema.Text());
    }

    [Fact]
    public void The_reference_has_a_row_for_every_key()
    {
        var reference = File.ReadAllText(Path.Combine(Root.FullName, "docs", "policy-file.md"));

        Keys(JsonNode.Parse(PolicySchema.Text())!.AsObject()).Where(key => !Regex.IsMatch(reference, $@"\b{key}\b")).ShouldBeEmpty();
    }

    private static IEnumerable<string> Keys(JsonObject section) =>
        section["properties"]!.AsObject().SelectMany(static property => property.Value!["properties"] is null ? [property.Key] : (IEnumerable<string>)[property.Key, .. Keys(property.Value.AsObject())]);

    private static SchedulingSettings Read(string text)
    {
        var reading = PolicyFile.Read(text);
        reading.Problems.ShouldBeEmpty();
        return reading.Settings!;
    }

    private static DirectoryInfo FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Orchestrator.sln")))
        {
            directory = directory.Parent!;
        }

        return directory;
    }
}
