using System.Reflection;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.Municipalities;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>
/// Every list of the contracts, found by its <c>page_token</c>: a new one is tested by being declared. For each, requests are
/// made from the types and rules of its fields, and tokens as the list itself makes them.
/// </summary>
public sealed class EveryListTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    private const string Amsterdam = MunicipalityPlatform.Amsterdam, Utrecht = MunicipalityPlatform.Utrecht;

    /// <summary>One of them is a key of every list, so that its token is read to the end.</summary>
    private static readonly string[] Keys =
        ["1", "3f2f0e46-6d6d-7c11-8b7e-0f4d5a3b2c10", "2018-06-15 3f2f0e46-6d6d-7c11-8b7e-0f4d5a3b2c10"];

    private static readonly string[] Garbage =
        ["x", "1", Keys[1], Amsterdam, "AAAA", "_____wAAAAAAAAAAAAAAAAAAAAA", "a b", new string('A', 200)];

    private static IEnumerable<MethodDescriptor> Calls =>
        ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods);

    private static IEnumerable<MethodDescriptor> Lists => Calls.Where(method => method.InputType.FindFieldByName("page_token") is not null);

    public static TheoryData<string> Names => [.. Lists.Select(list => list.FullName)];

    [Fact]
    public void Whatever_has_a_next_page_is_a_list()
    {
        var paged = Calls.Where(method =>
            method.OutputType.FindFieldByName("next_page_token") is not null || method.InputType.FindFieldByName("page_size") is not null);
        // ReadEvents goes on by the resume token of the log.
        Assert.Equal(["beschutwerk.backbone.v1.EventService.ReadEvents"], paged.Except(Lists).Select(method => method.FullName));
        Assert.InRange(Lists.Count(), 12, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_list_takes_its_own_token_and_no_other(string name)
    {
        var list = Lists.Single(method => method.FullName == name);
        foreach (var kind in list.GetOptions().GetExtension(RulesExtensions.Callers))
        {
            var (caller, invoker) = As(kind);
            var request = Request(list.InputType);
            await GoesOnAsync(list, request, invoker);
            var key = await KeyAsync(list, request, caller, invoker);

            foreach (var garbage in Garbage) await RefusesAsync(list, With(request, garbage), invoker, "garbage");

            var token = PageToken.After(request, caller, key);
            await RefusesAsync(list, With(request, (token[0] == 'A' ? "B" : "A") + token[1..]), invoker, "an altered token");
            await RefusesAsync(list, With(request, token + "A"), invoker, "a longer token");
            var others = PageToken.After(request, new Caller(kind, "another", caller.Tenants), key);
            await RefusesAsync(list, With(request, others), invoker, "a token of another organisation");
            foreach (var filter in FiltersOf(list.InputType))
            {
                var other = Copy(request);
                filter.Accessor.SetValue(other, Sample(filter, second: true));
                await RefusesAsync(list, With(other, token), invoker, $"a token of another {filter.Name}");
            }

            foreach (var elsewhere in Lists.Where(other => other != list))
            {
                var strange = PageToken.After(Request(elsewhere.InputType), caller, key);
                await RefusesAsync(list, With(request, strange), invoker, $"a token of {elsewhere.Name}");
            }
        }
    }

    /// <summary>Reads to the end in pages of one, with the tokens that the list gives.</summary>
    private static async Task GoesOnAsync(MethodDescriptor list, IMessage request, CallInvoker invoker)
    {
        var page = Copy(request);
        list.InputType.FindFieldByName("page_size").Accessor.SetValue(page, 1);
        var pages = 0;
        for (var token = ""; pages == 0 || token.Length > 0; pages++)
        {
            var answer = await CallAsync(list, With(page, token), invoker);
            var taken = answer.Reason is ErrorReason.Unspecified or ErrorReason.NotFound;
            Assert.True(taken, $"{list.FullName} refuses its own token with {answer.Reason}");
            Assert.InRange(pages, 0, 1000);
            token = answer.NextToken;
        }
    }

    /// <summary>A key of which the list takes the token, whatever else it then answers.</summary>
    private static async Task<string> KeyAsync(MethodDescriptor list, IMessage request, Caller caller, CallInvoker invoker)
    {
        foreach (var key in Keys)
        {
            var answer = await CallAsync(list, With(request, PageToken.After(request, caller, key)), invoker);
            if (!answer.Fields.Contains("page_token")) return key;
        }

        throw new InvalidOperationException($"{list.Name} takes none of its own tokens; add a key of its kind.");
    }

    private static async Task RefusesAsync(MethodDescriptor list, IMessage request, CallInvoker invoker, string what)
    {
        var (reason, fields, _) = await CallAsync(list, request, invoker);
        var refused = reason == ErrorReason.InvalidFields && fields is ["page_token"];
        Assert.True(refused, $"{list.FullName} answers {what} with {reason} {string.Join(' ', fields)}");
    }

    private (Caller Caller, CallInvoker Invoker) As(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Municipality => (Who(kind, Amsterdam), platform.Municipality(Amsterdam, Utrecht)),
        OrganisationKind.Uwv => (Who(kind, "uwv"), platform.Uwv()),
        OrganisationKind.SwCompany => (Who(kind, MunicipalityPlatform.Company), platform.SwCompany(MunicipalityPlatform.Company)),
        OrganisationKind.Cedris => (Who(kind, "cedris"), platform.Cedris()),
        OrganisationKind.Ministry => (Who(kind, "szw"), platform.Ministry()),
        OrganisationKind.Operator => (Who(kind, "operator"), platform.Operator()),
        OrganisationKind.Service => (Who(kind, "svc"), platform.Service()),
        OrganisationKind.Citizen => (Who(kind, PlatformFixture.Pseudonym("jan")), platform.Citizen("jan", Amsterdam)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    private static Caller Who(OrganisationKind kind, string id) => new(kind, id, new HashSet<string> { Amsterdam, Utrecht });

    private static IEnumerable<FieldDescriptor> FiltersOf(MessageDescriptor type) =>
        type.Fields.InDeclarationOrder().Where(field => field.Name is not ("page_token" or "page_size"));

    private static IMessage Request(MessageDescriptor type)
    {
        var request = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in FiltersOf(type)) field.Accessor.SetValue(request, Sample(field, second: false));
        return request;
    }

    private static IMessage Copy(IMessage request) => request.Descriptor.Parser.ParseFrom(request.ToByteString());

    private static IMessage With(IMessage request, string token)
    {
        var with = Copy(request);
        with.Descriptor.FindFieldByName("page_token").Accessor.SetValue(with, token);
        return with;
    }

    /// <summary>One of two valid values of a filter.</summary>
    private static object Sample(FieldDescriptor field, bool second)
    {
        var rule = field.GetOptions()?.GetExtension(RulesExtensions.Rule) ?? new FieldRule();
        return (field.Name, field.FieldType, rule.Format) switch
        {
            ("service", _, _) => second ? "uwv" : "municipalities",
            (_, FieldType.String, Format.Municipality) => second ? Utrecht : Amsterdam,
            (_, FieldType.String, Format.Uuid) => second ? "3f2f0e46-6d6d-7c11-8b7e-0f4d5a3b2c11" : "3f2f0e46-6d6d-7c11-8b7e-0f4d5a3b2c12",
            (_, FieldType.String, _) => second ? "twee" : "een",
            (_, FieldType.Int32, _) => (int)rule.Min + (second ? 2 : 1),
            (_, FieldType.Bool, _) => second,
            (_, FieldType.Enum, _) => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[second ? 2 : 1].Number),
            (_, FieldType.Message, _) when field.MessageType == Google.Type.Date.Descriptor =>
                new DateOnly(2018, 6, second ? 2 : 1).ToDate(),
            _ => throw new InvalidOperationException($"How two values of {field.FullName} look must be added here."),
        };
    }

    private static Task<Answer> CallAsync(MethodDescriptor method, IMessage request, CallInvoker invoker) =>
        (Task<Answer>)typeof(EveryListTests).GetMethod(nameof(CallTypedAsync), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(method.InputType.ClrType, method.OutputType.ClrType).Invoke(null, [method, request, invoker])!;

    private static async Task<Answer> CallTypedAsync<TRequest, TResponse>(MethodDescriptor method, IMessage request, CallInvoker invoker)
        where TRequest : class, IMessage<TRequest>, new() where TResponse : class, IMessage<TResponse>, new()
    {
        var call = new Method<TRequest, TResponse>(
            MethodType.Unary, method.Service.FullName, method.Name,
            Marshallers.Create(message => message.ToByteArray(), new MessageParser<TRequest>(() => new TRequest()).ParseFrom),
            Marshallers.Create(message => message.ToByteArray(), new MessageParser<TResponse>(() => new TResponse()).ParseFrom));
        try
        {
            var options = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(20));
            var response = await invoker.AsyncUnaryCall(call, null, options, (TRequest)request);
            var next = method.OutputType.FindFieldByName("next_page_token").Accessor.GetValue(response);
            return new Answer(ErrorReason.Unspecified, [], (string)next);
        }
        catch (RpcException refused)
        {
            var violations = refused.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations ?? [];
            return new Answer(RefusalStatus.ReasonOf(refused), [.. violations.Select(field => field.Field)], "");
        }
    }

    private sealed record Answer(ErrorReason Reason, IReadOnlyList<string> Fields, string NextToken);
}
