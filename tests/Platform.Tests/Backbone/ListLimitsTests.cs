using System.Buffers;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>Lists are counted in the bytes of a request, before anything is made of it.</summary>
public sealed class ListLimitsTests
{
    private static readonly ListLimits Limits = ListLimits.Of(ReportPlacementsRequest.Descriptor)!;

    [Fact]
    public void Two_million_items_are_refused_without_being_built()
    {
        // Each is its field and the length 0.
        var bytes = new byte[4_000_000];
        for (var i = 0; i < bytes.Length; i += 2) bytes[i] = 0x12;
        Limits.Check(new ReadOnlySequence<byte>(bytes));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Limits.Check(new ReadOnlySequence<byte>(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal(ErrorReason.InvalidFields, refusal!.Reason);
        Assert.Equal(new FieldViolation { Field = "items", Description = "Holds more than 1000 items." }, refusal.Violations.Single());
    }

    [Fact]
    public void As_many_as_the_rule_allows_pass_in_whatever_parts_they_come()
    {
        var item = new PlacementItem { PlacementId = "x", Report = new PlacementReport { Employer = new string('x', 300) } };
        var request = new ReportPlacementsRequest { Municipality = "GM0363", Items = { Enumerable.Repeat(item, 1000) } };
        foreach (var part in new[] { 1, 2, 7, 4096, 1_000_000 }) Assert.Null(Limits.Check(InParts(request.ToByteArray(), part)));
        request.Items.Add(new PlacementItem());
        foreach (var part in new[] { 1, 2, 7, 4096, 1_000_000 }) Assert.NotNull(Limits.Check(InParts(request.ToByteArray(), part)));
    }

    [Fact]
    public void A_list_within_a_message_counts_also_where_its_numbers_come_together_and_the_message_in_pieces()
    {
        var limits = ListLimits.Of(RecordAssessmentRequest.Descriptor)!;
        var needs = Enumerable.Repeat(SupportNeed.IntensiveGuidance, 10);
        var ten = new RecordAssessmentRequest { Assessment = new Assessment { SupportNeeds = { needs } } };
        Assert.Null(limits.Check(new ReadOnlySequence<byte>(ten.ToByteArray())));
        // Protobuf makes one message of two, and one list of theirs.
        var pieces = Enumerable.Repeat(ten.ToByteArray(), 101).SelectMany(bytes => bytes).ToArray();
        Assert.Equal("assessment.support_needs", limits.Check(new ReadOnlySequence<byte>(pieces))!.Violations.Single().Field);
    }

    [Fact]
    public void What_passes_holds_no_list_that_is_too_long_whatever_the_bytes_are()
    {
        var random = new Random(20180615);
        var most = new ReportPlacementsRequest { Items = { Enumerable.Range(0, 1001).Select(_ => new PlacementItem()) } }.ToByteArray();
        for (var i = 0; i < 2000; i++)
        {
            var bytes = (byte[])most.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (Limits.Check(InParts(bytes, random.Next(1, 3000))) is not null) continue;
            try
            {
                Assert.InRange(ReportPlacementsRequest.Parser.ParseFrom(bytes).Items.Count, 0, 1000);
            }
            catch (InvalidProtocolBufferException)
            {
                // The parser refuses more than is counted.
            }
        }
    }

    [Fact]
    public void Every_request_can_be_counted()
    {
        var methods = ContractFiles.All.SelectMany(file => file.Services).SelectMany(service => service.Methods);
        foreach (var request in methods.Select(method => method.InputType))
        {
            var hasList = request.Fields.InFieldNumberOrder().Any(field => field.IsRepeated);
            if (hasList) Assert.NotNull(ListLimits.Of(request));
            else ListLimits.Of(request);
        }
    }

    private static ReadOnlySequence<byte> InParts(byte[] bytes, int size)
    {
        Part? first = null, last = null;
        foreach (var chunk in bytes.Chunk(size))
        {
            last = new Part(chunk, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Part : ReadOnlySequenceSegment<byte>
    {
        public Part(byte[] bytes, Part? before)
        {
            (Memory, RunningIndex) = (bytes, before is null ? 0 : before.RunningIndex + before.Memory.Length);
            if (before is not null) before.Next = this;
        }
    }
}
