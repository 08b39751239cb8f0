using System.Reflection;
using BeschutWerk.Backbone.Store;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// Binds the methods of a gRPC service, each with a reader of its requests that knows what its contract allows. gRPC's own would
/// build whatever was sent, and call what is no message UNKNOWN.
/// </summary>
/// <typeparam name="TService">The gRPC class.</typeparam>
internal sealed class ContractMethods<TService> : IServiceMethodProvider<TService> where TService : class
{
    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        var bind = typeof(TService).GetCustomAttribute<BindServiceMethodAttribute>(inherit: true)
            ?? throw new InvalidOperationException($"{typeof(TService)} implements no service of a contract.");
        bind.BindType.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Single(method => method.Name == bind.BindMethodName && method.GetParameters()[0].ParameterType == typeof(ServiceBinderBase))
            .Invoke(null, [new Binder(context), null]);
    }

    private sealed class Binder(ServiceMethodProviderContext<TService> context) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            context.AddUnaryMethod(
                RequestReading.Of(method), MetadataOf(method),
                Invoker<UnaryServerMethod<TService, TRequest, TResponse>>(method, typeof(TRequest)));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(
                RequestReading.Of(method), MetadataOf(method),
                Invoker<ServerStreamingServerMethod<TService, TRequest, TResponse>>(
                    method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>)));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddClientStreamingMethod(
                RequestReading.Of(method), MetadataOf(method),
                Invoker<ClientStreamingServerMethod<TService, TRequest, TResponse>>(method, typeof(IAsyncStreamReader<TRequest>)));

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddDuplexStreamingMethod(
                RequestReading.Of(method), MetadataOf(method),
                Invoker<DuplexStreamingServerMethod<TService, TRequest, TResponse>>(
                    method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>)));

        private static TInvoker Invoker<TInvoker>(IMethod method, params Type[] parameters) where TInvoker : Delegate =>
            MethodOf(method, [.. parameters, typeof(ServerCallContext)]).CreateDelegate<TInvoker>();

        private static MethodInfo MethodOf(IMethod method, Type[] parameters) =>
            typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{typeof(TService)} has no {method.Name}.");

        private static List<object> MetadataOf(IMethod method) =>
        [
            .. typeof(TService).GetCustomAttributes(inherit: true),
            .. typeof(TService).GetMethods().Where(found => found.Name == method.Name)
                .SelectMany(found => found.GetCustomAttributes(inherit: true)),
            new HttpMethodMetadata(["POST"]),
        ];
    }
}

/// <summary>Makes requests of the bytes that came.</summary>
internal static class RequestReading
{
    /// <summary>The method, with a reader of its requests that refuses what its contract does not allow.</summary>
    public static Method<TRequest, TResponse> Of<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class where TResponse : class
    {
        var type = ((IMessage)(object)Activator.CreateInstance<TRequest>()).Descriptor;
        var limits = ListLimits.Of(type);
        // What is not known here is not kept: it would cost more memory than it came with.
        var parser = type.Parser.WithDiscardUnknownFields(true);
        var marshaller = Marshallers.Create(method.RequestMarshaller.ContextualSerializer, Read);
        return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, marshaller, method.ResponseMarshaller);

        TRequest Read(DeserializationContext context)
        {
            var bytes = context.PayloadAsReadOnlySequence();
            if (limits?.Check(bytes) is { } refusal) throw refusal.ToRpcException();
            try
            {
                return (TRequest)parser.ParseFrom(bytes);
            }
            catch (Exception error) when (error is InvalidProtocolBufferException or ArgumentException)
            {
                throw Refusal.Unreadable().ToRpcException();
            }
        }
    }
}
