using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Orchestrator.Grains.Telemetry;

namespace Orchestrator.Silo.Gateway.Metrics;

/// <summary>Listens to the silo's own meter and tells what it measured in the text format of Prometheus 0.0.4.</summary>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>Seconds: from the quickest plan to months of work.</summary>
    private static readonly double[] Bounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000, 7_776_000];

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly SortedDictionary<string, Instrument> instruments = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Instrument, string Labels), double> values = [];
    private readonly SortedDictionary<(string Instrument, string Labels), Distribution> distributions = [];

    public MetricsCollector(OrchestratorMetrics metrics)
    {
        listener.InstrumentPublished = (instrument, subscribed) =>
        {
            if (ReferenceEquals(instrument.Meter, metrics.Meter))
            {
                lock (gate)
                {
                    instruments[instrument.Name] = instrument;
                }

                subscribed.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Take(instrument, value, labels));
        listener.Start();
    }

    public void Dispose() => listener.Dispose();

    /// <summary>All of it, as it stands.</summary>
    /// <param name="withAccounts">With what tells of accounts by name.</param>
    public string Read(bool withAccounts)
    {
        lock (gate)
        {
            // What is not observed any more is gone.
            foreach (var old in values.Keys.Where(key => instruments[key.Instrument].IsObservable).ToArray())
            {
                values.Remove(old);
            }

            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (name, instrument) in instruments)
            {
                if (withAccounts || !name.StartsWith(OrchestratorMetrics.OfAccounts, StringComparison.Ordinal))
                {
                    Write(text, name, instrument);
                }
            }

            return text.ToString();
        }
    }

    private void Write(StringBuilder text, string name, Instrument instrument)
    {
        var isCounter = instrument is Counter<long>;
        var isHistogram = instrument is Histogram<double>;
        var told = name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (isCounter ? "_total" : "");
        text.Append(CultureInfo.InvariantCulture, $"# HELP {told} {instrument.Description}\n# TYPE {told} {(isCounter ? "counter" : isHistogram ? "histogram" : "gauge")}\n");
        foreach (var ((_, labels), value) in values.Where(pair => pair.Key.Instrument == name))
        {
            text.Append(CultureInfo.InvariantCulture, $"{told}{Braced(labels)} {value}\n");
        }

        foreach (var ((_, labels), seen) in distributions.Where(pair => pair.Key.Instrument == name))
        {
            var sum = 0L;
            for (var at = 0; at < Bounds.Length; at++)
            {
                sum += seen.Counts[at];
                text.Append(CultureInfo.InvariantCulture, $"{told}_bucket{Braced(Joined(labels, $"le=\"{Bounds[at].ToString(CultureInfo.InvariantCulture)}\""))} {sum}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{told}_bucket{Braced(Joined(labels, "le=\"+Inf\""))} {seen.Count}\n");
            text.Append(CultureInfo.InvariantCulture, $"{told}_sum{Braced(labels)} {seen.Sum}\n{told}_count{Braced(labels)} {seen.Count}\n");
        }
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var key = (instrument.Name, Text(labels));
        lock (gate)
        {
            switch (instrument)
            {
                case Histogram<double>:
                    if (!distributions.TryGetValue(key, out var seen))
                    {
                        distributions.Add(key, seen = new());
                    }

                    seen.Take(value);
                    break;
                case Counter<long>:
                    values[key] = values.GetValueOrDefault(key) + value;
                    break;
                default:
                    values[key] = value;
                    break;
            }
        }
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = "";
        foreach (var (name, value) in labels)
        {
            var escaped = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text = Joined(text, $"{name}=\"{escaped}\"");
        }

        return text;
    }

    private static string Joined(string labels, string another) => labels.Length == 0 ? another : $"{labels},{another}";

    private static string Braced(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private sealed class Distribution
    {
        public long[] Counts { get; } = new long[Bounds.Length];

        public long Count { get; private set; }

        public double Sum { get; private set; }

        public void Take(double value)
        {
            Count++;
            Sum += value;
            var at = Array.FindIndex(Bounds, bound => value <= bound);
            if (at >= 0)
            {
                Counts[at]++;
            }
        }
    }
}
