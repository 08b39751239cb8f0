using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.Identity;

/// <summary>What each service may ask of the others. A service that is broken into opens no door that it does not need itself.</summary>
public sealed class ServiceAuthorityTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private static readonly string[] Every = [.. PlatformServices.Names];

    /// <summary>Every RPC that a service may call, with those services. What is not here, no service may call.</summary>
    private static readonly Dictionary<string, string[]> Open = new()
    {
        ["EventService.Subscribe"] = Every,
        ["EventService.ReadEvents"] = Every,
        ["OperationsService.GetFlow"] = Every,
        ["TenantService.GetTenant"] = [.. Every.Where(name => name != "municipalities")],
        ["AdviceService.RequestAdvice"] = ["municipalities"],
        ["AdviceService.CorrectPerson"] = ["municipalities"],
        ["AdviceService.GetAdviceRequest"] = ["municipalities"],
    };

    [Fact]
    public async Task Each_service_may_call_what_it_needs_and_nothing_else()
    {
        var methods = ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods).ToList();
        Assert.Empty(Open.Keys.Except(methods.Select(NameOf)));
        var wrong = new List<string>();
        foreach (var service in Every)
        {
            var caller = platform.Service(service);
            foreach (var method in methods)
            {
                var isAllowed = await ReasonAsync(method, caller) != ErrorReason.KindNotAllowed;
                if (isAllowed != (Open.GetValueOrDefault(NameOf(method))?.Contains(service) ?? false)) wrong.Add($"{service} calls {NameOf(method)}: {isAllowed}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Where_services_may_call_they_are_named_and_exist()
    {
        foreach (var method in ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods))
        {
            var named = method.GetOptions().GetExtension(RulesExtensions.CallerServices) ?? [];
            Assert.Equal(method.GetOptions().GetExtension(RulesExtensions.Callers).Contains(OrganisationKind.Service), named.Count > 0);
            Assert.Empty(named.Except(Every));
        }
    }

    private static string NameOf(MethodDescriptor method) => $"{method.Service.Name}.{method.Name}";

    /// <summary>Why an empty request is refused; UNSPECIFIED when it is answered.</summary>
    private static async Task<ErrorReason> ReasonAsync(MethodDescriptor method, CallInvoker caller)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var options = new CallOptions(cancellationToken: limit.Token);
        try
        {
            if (method.IsClientStreaming)
            {
                using var stream = caller.AsyncDuplexStreamingCall(Of(MethodType.DuplexStreaming), null, options);
                await stream.RequestStream.SendAsync();
                await stream.ResponseStream.MoveNext(limit.Token);
            }
            else if (method.IsServerStreaming)
            {
                using var stream = caller.AsyncServerStreamingCall(Of(MethodType.ServerStreaming), null, options, []);
                await stream.ResponseStream.MoveNext(limit.Token);
            }
            else
            {
                await caller.AsyncUnaryCall(Of(MethodType.Unary), null, options, []);
            }

            return ErrorReason.Unspecified;
        }
        catch (RpcException refused)
        {
            return RefusalStatus.ReasonOf(refused);
        }

        Method<byte[], byte[]> Of(MethodType type) => new(type, method.Service.FullName, method.Name, Bytes, Bytes);
    }
}
