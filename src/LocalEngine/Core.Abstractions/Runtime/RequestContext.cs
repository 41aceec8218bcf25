using System.Security.Cryptography;
using Orleans.Core.Internal;

namespace Orleans.Core.Internal
{
    /// <summary>An activation that lets calls of its own call chain in.</summary>
    public interface ICallChainReentrantGrainContext
    {
        /// <summary>A section begins in which calls with this identity may interleave.</summary>
        void OnEnterReentrantSection(Guid reentrancyId);

        /// <summary>The section ends.</summary>
        void OnExitReentrantSection(Guid reentrancyId);
    }
}

namespace Orleans.Runtime
{
    /// <summary>Values that go along with calls, from caller to callee, never back.</summary>
    public static class RequestContext
    {
        internal const string CallChainReentrancyHeader = "#CCR";

        private static readonly AsyncLocal<Dictionary<string, object>?> Data = new();

        internal static Dictionary<string, object>? Current
        {
            get => Data.Value;
            set
            {
                if (!ReferenceEquals(Data.Value, value))
                {
                    Data.Value = value;
                }
            }
        }

        /// <summary>The call chain's identity, if it may come back into its grains.</summary>
        public static Guid ReentrancyId
        {
            get => Get(CallChainReentrancyHeader) is Guid id ? id : Guid.Empty;
            set
            {
                if (value == Guid.Empty)
                {
                    Remove(CallChainReentrancyHeader);
                }
                else
                {
                    Set(CallChainReentrancyHeader, value);
                }
            }
        }

        /// <summary>The names of the values.</summary>
        public static IEnumerable<string> Keys => Current?.Keys ?? Enumerable.Empty<string>();

        /// <summary>The values.</summary>
        public static IEnumerable<KeyValuePair<string, object>> Entries => Current ?? Enumerable.Empty<KeyValuePair<string, object>>();

        /// <summary>A section in which calls that this one causes may come back into this grain.</summary>
        public static ReentrancySection AllowCallChainReentrancy()
        {
            var original = ReentrancyId;
            return new ReentrancySection(original, original == Guid.Empty ? new Guid(RandomNumberGenerator.GetBytes(16)) : original);
        }

        /// <summary>A section in which they may not.</summary>
        public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

        /// <summary>A value, or null.</summary>
        public static object? Get(string key) => Current is { } values && values.TryGetValue(key, out var value) ? value : null;

        /// <summary>Sets a value for the calls that follow in this flow. Dictionaries are never changed in place: other flows hold them.</summary>
        public static void Set(string key, object value) =>
            Current = Current is { } values ? new Dictionary<string, object>(values) { [key] = value } : new Dictionary<string, object>(1) { [key] = value };

        /// <summary>Removes a value; false if there was none.</summary>
        public static bool Remove(string key)
        {
            if (Current is not { } values || !values.ContainsKey(key))
            {
                return false;
            }

            if (values.Count == 1)
            {
                Current = null;
                return true;
            }

            var rest = new Dictionary<string, object>(values);
            rest.Remove(key);
            Current = rest;
            return true;
        }

        /// <summary>Removes all values.</summary>
        public static void Clear() => Current = null;

        /// <summary>A section that ends with the earlier identity back in place.</summary>
        public readonly struct ReentrancySection : IDisposable
        {
            private readonly Guid originalId;
            private readonly Guid newId;

            /// <summary>Begins the section.</summary>
            public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
            {
                originalId = originalReentrancyId;
                newId = newReentrancyId;
                if (newId != originalId)
                {
                    ReentrancyId = newId;
                }

                if (newId != Guid.Empty)
                {
                    (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnEnterReentrantSection(newId);
                }
            }

            /// <summary>Ends the section.</summary>
            public void Dispose()
            {
                if (newId != Guid.Empty)
                {
                    (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnExitReentrantSection(newId);
                }

                if (newId != originalId)
                {
                    ReentrancyId = originalId;
                }
            }
        }
    }
}
