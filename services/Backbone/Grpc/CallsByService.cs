using Google.Protobuf;
using Grpc.Core;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>
/// The whole platform to a client of it, where each service has an address of its own: a call goes to the service whose
/// package it stands in; what all services offer, to the one that the request names, or else to Municipalities.
/// </summary>
/// <param name="services">Calls to each service, by its name.</param>
public sealed class CallsByService(IReadOnlyDictionary<string, CallInvoker> services) : CallInvoker
{
    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Of(method, request).BlockingUnaryCall(method, host, options, request);

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Of(method, request).AsyncUnaryCall(method, host, options, request);

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        Of(method, request).AsyncServerStreamingCall(method, host, options, request);

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Of(method).AsyncClientStreamingCall(method, host, options);

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        Of(method).AsyncDuplexStreamingCall(method, host, options);

    private CallInvoker Of(IMethod method, object? request = null) =>
        services.GetValueOrDefault(method.ServiceName.Split('.')[1]) ?? services[Named(request) is { Length: > 0 } service ? service : "municipalities"];

    private static string? Named(object? request) =>
        request is IMessage message ? message.Descriptor.FindFieldByName("service")?.Accessor.GetValue(message) as string : null;
}
