using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Compiles campaign files, YAML or JSON, to simulations.</summary>
public static partial class CampaignFile
{
    internal const int SimulationsMax = 100_000;
    private const string NameAllowed = "1 to 60 letters, digits, '.', '_' and '-'";
    private const string MembersAllowed = "a count from 1 to 100000, or a list of different whole numbers from 1";

    /// <summary>Never throws for what the text says: all its problems are in the reading.</summary>
    public static CampaignReading Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new ProblemList();
        var campaign = PlainYaml.Load(text, problems) is { } root ? Compile(root, problems) : null;
        return new() { Campaign = problems.IsEmpty ? campaign : null, Problems = problems.InFileOrder };
    }

    private static Campaign? Compile(YamlNode root, ProblemList problems)
    {
        var reader = new MappingReader(root, "", problems, CampaignKeys.File);
        var name = ReadName(reader);
        var owner = ReadOwner(reader);
        var priority = reader.Choice("priority", PriorityClass.Medium);
        var isProtected = reader.Flag("protected", false);
        var deadline = reader.Moment("deadline");
        var reservation = reader.Name("reservation") ?? "";
        var variants = new VariantReader(problems).Read(reader);
        var dates = ReadDates(reader);
        var members = ReadMembers(reader);
        var compare = new ComparisonReader(problems).Read(reader);
        var stages = ReadStages(reader, variants, dates[0].Length > 0, problems);
        if ((long)variants.Length * dates.Length * members.Length > SimulationsMax)
        {
            reader.Refuse("members", $"scenarios x {(dates.Length > 1 ? "dates x " : "")}members are {(long)variants.Length * dates.Length * members.Length} simulations", $"at most {SimulationsMax}");
        }

        var ids = new Dictionary<string, Variant>();
        foreach (var variant in variants)
        {
            var id = IdOf(name, variant, dates.MaxBy(static date => date.Length)!, members.Max());
            if (!SimulationId.TryParse(id, out _))
            {
                reader.Refuse("scenarios", $"the simulation id {id} has {id.Length} characters", "at most 122: a shorter name of the campaign or the scenario");
            }
            else if (!ids.TryAdd(id, variant))
            {
                reader.Refuse("scenarios", $"\"{variant.Name}\" and \"{ids[id].Name}\" give the same simulation id {id}", "names that differ in letters, digits, '.', '_' or '-'");
            }
        }

        if (!problems.IsEmpty)
        {
            return null;
        }

        ScenarioId? scenario = reader.Value("scenarios") is null && reader.Value("matrix") is null ? null : new ScenarioId($"o-{name}");
        return new()
        {
            Name = name,
            Owner = owner,
            Scenario = scenario,
            Compare = compare,
            Tags = variants.Where(static variant => !variant.Tags.IsEmpty).ToImmutableSortedDictionary(static variant => variant.Name, static variant => variant.Tags, StringComparer.Ordinal),
            Simulations = [.. from variant in variants from date in dates from member in members select new SimulationDefinition
            {
                Id = new(IdOf(name, variant, date, member)),
                Campaign = name,
                Name = string.Join('/', new[] { name, variant.Name, date, member > 0 ? Number(member) : "" }.Where(part => part.Length > 0)),
                Scenario = scenario,
                Variant = variant.Name,
                Member = date.Length == 0 ? member : (dates.IndexOf(date) * Math.Max(1, members.Max())) + Math.Max(1, member),
                Owner = owner,
                Priority = priority,
                Protected = isProtected,
                Deadline = deadline,
                Reservation = reservation,
                Labels = date.Length == 0 ? variant.Parameters : variant.Parameters.SetItem("date", date),
                Stages = [.. stages.Select(stage => Fill(stage, date.Length == 0 ? variant : variant with { Parameters = variant.Parameters.SetItem("date", date) }, member))],
            }],
        };
    }

    internal static StageDefinition Fill(StageDefinition stage, Variant variant, int member)
    {
        return stage with
        {
            Run = Of(stage.Run),
            Restart = stage.Restart is { } restart ? Of(restart) : null,
            Outputs = [.. stage.Outputs.Select(Of)],
            Environment = stage.Environment.ToImmutableSortedDictionary(pair => pair.Key, pair => Of(pair.Value)),
            Checkpoint = stage.Checkpoint with
            {
                Files = [.. stage.Checkpoint.Files.Select(Of)],
                Verify = stage.Checkpoint.Verify is { } verify ? Of(verify) : null,
            },
            Tasks = stage.Tasks?.Map(Of),
        };

        string Of(string text) => Placeholders.Replace(text, variant, member);
    }

    private static string IdOf(string name, Variant variant, string date, int member) =>
        $"s-{name}" + (variant.Name.Length > 0 ? "-" + Unsafe().Replace(variant.Name, "-") : "") + (date.Length > 0 ? "-" + date : "") + (member > 0 ? "-" + Number(member) : "");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string ReadName(MappingReader reader)
    {
        reader.Require("name", NameAllowed);
        var name = reader.Text("name", NameAllowed) ?? "unnamed";
        if (!Name().IsMatch(name))
        {
            reader.Refuse("name", $"\"{name}\" cannot be part of an id", NameAllowed);
            return "unnamed";
        }

        return name;
    }

    private static Ownership ReadOwner(MappingReader reader)
    {
        const string Allowed = "institution/project, each of 1 to 50 letters, digits, '_' and '-'";
        reader.Require("project", Allowed);
        if (reader.Text("project", Allowed) is not { } text)
        {
            return new();
        }

        if (Project().Match(text) is not { Success: true } match)
        {
            reader.Refuse("project", $"\"{text}\" is not institution/project", Allowed);
            return new();
        }

        var (institution, project) = (match.Groups[1].Value, match.Groups[2].Value);
        return new() { Institution = institution, Project = project, Account = new($"p-{institution}.{project}") };
    }

    private static ImmutableArray<int> ReadMembers(MappingReader reader)
    {
        if (reader.Value("members") is null)
        {
            return [0];
        }

        if (reader.Value("members") is not YamlSequenceNode)
        {
            return [.. Enumerable.Range(1, reader.Count("members", 1, SimulationsMax, 1))];
        }

        var texts = reader.Texts("members", MembersAllowed);
        var members = texts.Select(item => int.TryParse(item.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var member) ? member : 0).ToImmutableArray();
        if (members.Length == 0 || members.Contains(0) || members.Distinct().Count() != members.Length)
        {
            reader.Refuse("members", "the list is empty, names a member twice, or names something that is no whole number from 1", MembersAllowed);
            return [1];
        }

        return members;
    }

    private static ImmutableArray<StageDefinition> ReadStages(MappingReader parent, ImmutableArray<Variant> variants, bool hasDates, ProblemList problems)
    {
        StageMapping.Require(parent);

        // A date is known wherever a parameter of all scenarios is.
        var known = hasDates ? [.. variants.Select(static variant => variant with { Parameters = variant.Parameters.SetItem("date", "") })] : variants;
        return StageMapping.Read(parent, [], names => new(known, parent.Value("scenarios") is not null, parent.Value("members") is not null, names, problems), problems);
    }

    private static ImmutableArray<string> ReadDates(MappingReader reader)
    {
        const string Allowed = "a list of different dates of 1 to 20 letters, digits, '-' and '_', as 20260101";
        if (reader.Value("dates") is null)
        {
            return [""];
        }

        ImmutableArray<string> dates = [.. reader.Texts("dates", Allowed).Select(static date => date.Text)];
        if (dates.IsEmpty || dates.Distinct().Count() != dates.Length || dates.Any(static date => date.Length > 20 || !date.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
        {
            reader.Refuse("dates", "the list is empty, names a date twice, or names something that is none", Allowed);
            return [""];
        }

        return dates;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,60}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^([A-Za-z0-9_-]{1,50})/([A-Za-z0-9_-]{1,50})\z")]
    private static partial Regex Project();

    [GeneratedRegex(@"[^A-Za-z0-9._-]")]
    private static partial Regex Unsafe();
}
