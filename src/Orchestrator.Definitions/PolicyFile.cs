using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Orchestrator.Core.Replay;
using Orchestrator.Core.Scheduling;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>
/// Reads policy files, YAML or JSON: the numbers by which plans are made. A file names a preset, or none for the default one, and what differs from it; each record of
/// <see cref="SchedulingSettings"/> is a mapping, each of its members a key in snake_case.
/// </summary>
public static class PolicyFile
{
    internal const string PresetKey = "preset";

    /// <summary>The policies that have a name.</summary>
    public static ImmutableArray<string> Presets => ReplayPolicies.Names;

    /// <summary>The settings of a preset; null: there is none of that name.</summary>
    public static SchedulingSettings? Preset(string name) => ReplayPolicies.Named(name);

    /// <summary>Never throws for what the text says: all its problems are in the reading.</summary>
    public static PolicyReading Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new ProblemList();
        var settings = PlainYaml.Load(text, problems) is { } root ? Read(root, "", problems) : null;
        return new() { Settings = problems.IsEmpty ? settings : null, Problems = problems.InFileOrder };
    }

    /// <summary>The settings as a file that says every key, so that <see cref="Read(string)"/> gives the same settings again. Times are whole microseconds.</summary>
    public static string Write(SchedulingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var text = new StringBuilder();
        Write(text, settings, "");
        return text.ToString();
    }

    private static void Write(StringBuilder text, object record, string indent)
    {
        foreach (var key in PolicyKeys.Of(record.GetType()))
        {
            var value = key.Property.GetValue(record);
            text.Append(indent).Append(key.Name).Append(':');
            if (PolicyKeys.IsSection(key.Type))
            {
                text.Append('\n');
                Write(text, value!, indent + "  ");
            }
            else
            {
                text.Append(' ').Append(key.Format(value)).Append('\n');
            }
        }
    }

    /// <summary>The same, as a part of another file.</summary>
    internal static SchedulingSettings Read(YamlNode root, string path, ProblemList problems)
    {
        var reader = new MappingReader(root, path, problems, [PresetKey, .. PolicyKeys.Of(typeof(SchedulingSettings)).Select(static key => key.Name)]);
        var allowed = string.Join(", ", Presets);
        var settings = new SchedulingSettings();
        if (reader.Text(PresetKey, allowed) is { } name)
        {
            if (Preset(name) is { } preset)
            {
                settings = preset;
            }
            else
            {
                reader.Refuse(PresetKey, $"\"{name}\" is no preset; did you mean \"{Nearest.To(name, Presets)}\"?", allowed);
            }
        }

        settings = (SchedulingSettings)Read(reader, settings, problems);
        foreach (var problem in SettingsRules.Together(settings))
        {
            var parts = problem.Problem.Split("; ", 2);
            problems.Add(root, path.Length == 0 ? problem.Field : $"{path}.{problem.Field}", parts[0], parts[1]);
        }

        return settings;
    }

    /// <summary>A copy of the record with what the mapping says.</summary>
    private static object Read(MappingReader reader, object given, ProblemList problems)
    {
        var copy = given.GetType().GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance)!.Invoke(given, null)!;
        foreach (var key in PolicyKeys.Of(given.GetType()))
        {
            if (reader.Value(key.Name) is not { } node)
            {
                continue;
            }

            if (PolicyKeys.IsSection(key.Type))
            {
                var section = new MappingReader(node, reader.PathOf(key.Name), problems, [.. PolicyKeys.Of(key.Type).Select(static inner => inner.Name)]);
                key.Property.SetValue(copy, Read(section, key.Property.GetValue(given)!, problems));
            }
            else if (reader.Text(key.Name, key.Allowed) is { } text)
            {
                if (key.TryParse(text, out var value, out var problem))
                {
                    key.Property.SetValue(copy, value);
                }
                else
                {
                    reader.Refuse(key.Name, problem, key.Allowed);
                }
            }
        }

        return copy;
    }
}
