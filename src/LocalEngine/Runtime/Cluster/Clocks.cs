using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Local;

/// <summary>The clocks of the runtime's parts.</summary>
internal static class Clocks
{
    /// <summary>The keyed clock, else the unkeyed one, else the system's.</summary>
    public static TimeProvider ClockOf(this IServiceProvider services, string name) =>
        services.GetKeyedService<TimeProvider>(name) ?? services.GetService<TimeProvider>() ?? TimeProvider.System;
}
