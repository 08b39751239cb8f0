using BeschutWerk.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.National;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace BeschutWerk.UwvAdvice;

/// <summary>UWV's advice on sheltered work.</summary>
public static class UwvAdviceService
{
    private const string Name = "uwv";

    /// <summary>Adds the stores and reactions of the service.</summary>
    public static void AddUwvAdvice(this IHostApplicationBuilder builder) => builder.AddPlatformService<UwvStore, UwvPlatformStore>(Name, service =>
    {
        service.Gather = TimeSpan.FromMilliseconds(50);
        service.Platform.OnlyListen = true;
        service.Platform.On<AdviceRequested, FollowRequests.Missing?>(Name, FollowRequests.FindMissingAsync, FollowRequests.Requested);
        service.Platform.On<AssessmentRecorded>(Name, FollowRequests.Assessed);
        service.Platform.On<AdviceIssued>(Name, FollowRequests.Issued);
        service.Platform.On<AdviceWithdrawn>(Name, FollowRequests.Withdrawn);
    });

    /// <summary>Maps the calls of the service.</summary>
    public static void MapUwvAdvice(this IEndpointRouteBuilder routes) => routes.MapGrpcService<AdviceCalls>();
}
