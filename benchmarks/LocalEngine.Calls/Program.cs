using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using LocalEngine.Calls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

// Grain calls beside a bare channel ping-pong, 64 at once, alternating, so that both see the same machine.
const int Concurrency = 64;
var period = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 2);
const int Rounds = 3;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.UseOrleans(static silo => silo.UseLocalhostClustering());
using var host = builder.Build();
await host.StartAsync();
var grains = host.Services.GetRequiredService<IGrainFactory>();
var calls = new List<double>();
var pings = new List<double>();
await CallsAsync(grains, TimeSpan.FromSeconds(0.5));
await ChannelsAsync(TimeSpan.FromSeconds(0.5));
for (var round = 0; round < Rounds; round++)
{
    calls.Add(await CallsAsync(grains, period));
    pings.Add(await ChannelsAsync(period));
}

await host.StopAsync();
calls.Sort();
pings.Sort();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {Concurrency} at once, {Rounds} rounds of {period.TotalSeconds} s, medians"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"grain calls        {calls[Rounds / 2],12:N0} /s"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"channel ping-pongs {pings[Rounds / 2],12:N0} /s"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio              {calls[Rounds / 2] / pings[Rounds / 2],12:N2}"));

static Task<double> CallsAsync(IGrainFactory grains, TimeSpan period) => MeasureAsync(period, async (number, ended) =>
{
    var grain = grains.GetGrain<IPingGrain>(number);
    long count = 0;
    for (; !ended.IsCancellationRequested; count++)
    {
        await grain.PingAsync(number);
    }

    return count;
});

static Task<double> ChannelsAsync(TimeSpan period) => MeasureAsync(period, static async (number, ended) =>
{
    var requests = Channel.CreateUnbounded<int>(new() { SingleReader = true, SingleWriter = true });
    var answers = Channel.CreateUnbounded<int>(new() { SingleReader = true, SingleWriter = true });
    var server = Task.Factory.StartNew(
        async () =>
        {
            await foreach (var request in requests.Reader.ReadAllAsync(CancellationToken.None))
            {
                answers.Writer.TryWrite(request);
            }
        },
        CancellationToken.None,
        TaskCreationOptions.None,
        TaskScheduler.Default).Unwrap();
    long count = 0;
    for (; !ended.IsCancellationRequested; count++)
    {
        requests.Writer.TryWrite(number);
        await answers.Reader.ReadAsync(CancellationToken.None);
    }

    requests.Writer.Complete();
    await server;
    return count;
});

static async Task<double> MeasureAsync(TimeSpan period, Func<int, CancellationToken, Task<long>> work)
{
    using var ended = new CancellationTokenSource();
    var watch = Stopwatch.StartNew();
    var workers = Enumerable.Range(0, Concurrency)
        .Select(number => Task.Factory.StartNew(() => work(number, ended.Token), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).Unwrap())
        .ToList();
    await Task.Delay(period, TimeProvider.System, CancellationToken.None);
    await ended.CancelAsync();
    var counts = await Task.WhenAll(workers);
    return counts.Sum() / watch.Elapsed.TotalSeconds;
}
