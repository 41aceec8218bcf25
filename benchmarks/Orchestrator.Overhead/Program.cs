using Orchestrator.Overhead;

if (OverheadOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(OverheadOptions.Usage);
    return 2;
}

return options.Interleaved ? await Measurements.InterleavedAsync(options, Console.Out) : await Measurements.CostAsync(options, Console.Out);
