using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace Orleans.CodeGeneration
{
    /// <summary>How a method is called.</summary>
    [Flags]
    public enum InvokeMethodOptions
    {
        /// <summary>As usual.</summary>
        None = 0,

        /// <summary>The caller does not wait.</summary>
        OneWay = 1,

        /// <summary>It changes nothing.</summary>
        ReadOnly = 2,

        /// <summary>It runs beside everything.</summary>
        AlwaysInterleave = 4,

        /// <summary>Its order does not matter.</summary>
        Unordered = 8,
    }
}

namespace Orleans.Serialization.Invocation
{
    /// <summary>What a call is made on.</summary>
    public interface ITargetHolder
    {
        /// <summary>The instance.</summary>
        object? GetTarget();

        /// <summary>A component beside it, such as an extension.</summary>
        object? GetComponent(Type componentType);
    }

    /// <summary>A call that can be carried out.</summary>
    public interface IInvokable : IDisposable
    {
        /// <summary>Whether the call takes a cancellation token.</summary>
        bool IsCancellable { get; }

        /// <summary>The instance that it is made on.</summary>
        object? GetTarget();

        /// <summary>Sets the instance.</summary>
        void SetTarget(ITargetHolder holder);

        /// <summary>Makes the call. Errors come back in the response.</summary>
        ValueTask<Response> Invoke();

        /// <summary>How many arguments there are, without a cancellation token.</summary>
        int GetArgumentCount();

        /// <summary>An argument.</summary>
        object? GetArgument(int index);

        /// <summary>Replaces an argument.</summary>
        void SetArgument(int index, object value);

        /// <summary>The method's name.</summary>
        string GetMethodName();

        /// <summary>The interface's name with its namespace.</summary>
        string GetInterfaceName();

        /// <summary>The name for traces.</summary>
        string GetActivityName();

        /// <summary>The method of the interface.</summary>
        MethodInfo GetMethod();

        /// <summary>The interface.</summary>
        Type GetInterfaceType();

        /// <summary>The response time-out of the method, if it has its own.</summary>
        TimeSpan? GetDefaultResponseTimeout();

        /// <summary>The token of the call on the callee's side.</summary>
        CancellationToken GetCancellationToken();

        /// <summary>Cancels the call's token; false if there is none.</summary>
        bool TryCancel();
    }

    /// <summary>The outcome of a call: a result or an error.</summary>
    public abstract class Response : IDisposable
    {
        /// <summary>The outcome of a call without a result.</summary>
        public static Response Completed { get; } = new Response<object?>();

        /// <summary>The result.</summary>
        public abstract object? Result { get; set; }

        /// <summary>The error.</summary>
        public abstract Exception? Exception { get; set; }

        /// <summary>An outcome with an error.</summary>
        public static Response FromException(Exception exception) => new Response<object?> { Exception = exception };

        /// <summary>An outcome with a result.</summary>
        public static Response FromResult<TResult>(TResult value) => new Response<TResult> { TypedResult = value };

        /// <summary>The result as its type; throws the error if there is one.</summary>
        public abstract T GetResult<T>();

        /// <summary>The type of the result, if it was simple.</summary>
        public virtual Type? GetSimpleResultType() => null;

        /// <inheritdoc />
        public virtual void Dispose() { }

        /// <inheritdoc />
        public override string ToString() => Exception?.ToString() ?? Result?.ToString() ?? "[null]";
    }

    /// <summary>The outcome of a call with a result.</summary>
    public sealed class Response<TResult> : Response
    {
        private TResult? result;

        /// <summary>The result.</summary>
        public TResult? TypedResult { get => result; set => result = value; }

        /// <inheritdoc />
        public override object? Result { get => result; set => result = (TResult?)value; }

        /// <inheritdoc />
        public override Exception? Exception { get; set; }

        /// <inheritdoc />
        public override Type? GetSimpleResultType() => typeof(TResult);

        /// <inheritdoc />
        public override T GetResult<T>()
        {
            if (Exception is { } error)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            }

            return (T)(object)result!;
        }

        /// <inheritdoc />
        public override void Dispose() => base.Dispose();

        /// <inheritdoc />
        public override string ToString() => base.ToString();
    }
}

namespace Orleans.Runtime
{
    /// <summary>A call of a grain method.</summary>
    public interface IRequest : IInvokable
    {
        /// <summary>How it is called.</summary>
        InvokeMethodOptions Options { get; }

        /// <summary>Adds to how it is called.</summary>
        void AddInvokeMethodOptions(InvokeMethodOptions options);
    }
}
