using System.Globalization;

namespace Orleans
{
    /// <summary>The longest that a caller of the method waits for an answer.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time, read as <see cref="TimeSpan.Parse(string)"/> does.</summary>
        public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
    }

    /// <summary>Names an assembly with grains or serializable types.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class ApplicationPartAttribute(string assemblyName) : Attribute
    {
        /// <summary>The assembly's name.</summary>
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace Orleans.Metadata
{
    /// <summary>Marks an assembly of the framework itself.</summary>
    [AttributeUsage(AttributeTargets.Assembly)]
    public sealed class FrameworkPartAttribute : Attribute;
}
