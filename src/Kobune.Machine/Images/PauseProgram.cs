using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kobune.Machine.Images;

/// <summary>
/// The program of the pause image, a static ELF file of a few hundred bytes: it holds the namespaces of a pod, ends on SIGTERM and SIGINT, and reaps
/// orphans, because it is PID 1 where containers share a PID namespace. It waits in rt_sigtimedwait and needs no memory of its own.
/// </summary>
internal static class PauseProgram
{
    private const int HeaderSize = 64 + 56; // ELF header and one program header
    private const ulong LoadAddress = 0x400000;
    private const ulong Signals = (1UL << (2 - 1)) | (1UL << (15 - 1)) | (1UL << (17 - 1)); // INT, TERM, CHLD

    /// <summary>The whole file, for x64 or arm64.</summary>
    public static byte[] Build(Architecture architecture) => architecture switch
    {
        Architecture.X64 => Wrap(62, X64()),
        Architecture.Arm64 => Wrap(183, Arm64()),
        _ => throw new MachineException(MachineFault.Provision, $"Kobune has no pause program for {architecture}"),
    };

    private static byte[] X64()
    {
        // The set of signals lies behind the code; both leas are relative to the next instruction.
        const int SetAt = 93;
        byte[] code =
        [
            0x31, 0xFF, //                               xor edi,edi          SIG_BLOCK
            0x48, 0x8D, 0x35, SetAt - 9, 0, 0, 0, //     lea rsi,[rip+set]
            0x31, 0xD2, //                               xor edx,edx
            0x41, 0xBA, 8, 0, 0, 0, //                   mov r10d,8
            0xB8, 14, 0, 0, 0, //                        mov eax,rt_sigprocmask
            0x0F, 0x05, //                               syscall
            0x48, 0x8D, 0x3D, SetAt - 31, 0, 0, 0, // loop: lea rdi,[rip+set]
            0x31, 0xF6, //                               xor esi,esi
            0x31, 0xD2, //                               xor edx,edx
            0x41, 0xBA, 8, 0, 0, 0, //                   mov r10d,8
            0xB8, 128, 0, 0, 0, //                       mov eax,rt_sigtimedwait
            0x0F, 0x05, //                               syscall
            0x83, 0xF8, 2, //                            cmp eax,SIGINT
            0x74, 31, //                                 je exit
            0x83, 0xF8, 15, //                           cmp eax,SIGTERM
            0x74, 26, //                                 je exit
            0x6A, 0xFF, 0x5F, //                   reap: push -1; pop rdi
            0x31, 0xF6, //                               xor esi,esi
            0xBA, 1, 0, 0, 0, //                         mov edx,WNOHANG
            0x45, 0x31, 0xD2, //                         xor r10d,r10d
            0xB8, 61, 0, 0, 0, //                        mov eax,wait4
            0x0F, 0x05, //                               syscall
            0x85, 0xC0, //                               test eax,eax
            0x7F, 0xE8, //                               jg reap
            0xEB, 0xC4, //                               jmp loop
            0x31, 0xFF, //                         exit: xor edi,edi
            0xB8, 60, 0, 0, 0, //                        mov eax,exit
            0x0F, 0x05, //                               syscall
            0, 0, 0, 0, 0, 0, 0, 0, //              set:
        ];
        BinaryPrimitives.WriteUInt64LittleEndian(code.AsSpan(code.Length - 8), Signals);
        return code;
    }

    private static byte[] Arm64()
    {
        const int Loop = 6;
        const int Reap = 16;
        const int Exit = 25;
        const int Set = 28; // in instructions; even, so that the set is aligned
        uint[] code =
        [
            0xD2800000, //          mov x0,SIG_BLOCK
            Adr(1, 1, Set), //      adr x1,set
            0xD2800002, //          mov x2,0
            0xD2800103, //          mov x3,8
            0xD28010E8, //          mov x8,rt_sigprocmask
            0xD4000001, //          svc 0
            Adr(6, 0, Set), // loop: adr x0,set
            0xD2800001, //          mov x1,0
            0xD2800002, //          mov x2,0
            0xD2800103, //          mov x3,8
            0xD2801128, //          mov x8,rt_sigtimedwait
            0xD4000001, //          svc 0
            0x7100081F, //          cmp w0,SIGINT
            Branch(13, Exit, 0x0), // b.eq exit
            0x71003C1F, //          cmp w0,SIGTERM
            Branch(15, Exit, 0x0), // b.eq exit
            0x92800000, //    reap: mov x0,-1
            0xD2800001, //          mov x1,0
            0xD2800022, //          mov x2,WNOHANG
            0xD2800003, //          mov x3,0
            0xD2802088, //          mov x8,wait4
            0xD4000001, //          svc 0
            0x7100001F, //          cmp w0,0
            Branch(23, Reap, 0xC), // b.gt reap
            Jump(24, Loop), //      b loop
            0xD2800000, //    exit: mov x0,0
            0xD2800BA8, //          mov x8,exit
            0xD4000001, //          svc 0
        ];
        var bytes = new byte[(code.Length * 4) + 8];
        for (var i = 0; i < code.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), code[i]);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(code.Length * 4), Signals);
        return bytes;
    }

    // Distances are in instructions; adr counts bytes, and all of ours are multiples of four.
    private static uint Adr(int at, uint register, int target) => 0x10000000u | ((uint)(target - at) << 5) | register;

    private static uint Branch(int at, int target, uint condition) => 0x54000000u | (((uint)(target - at) & 0x7FFFF) << 5) | condition;

    private static uint Jump(int at, int target) => 0x14000000u | ((uint)(target - at) & 0x3FFFFFF);

    private static byte[] Wrap(ushort machine, byte[] code)
    {
        var file = new byte[HeaderSize + code.Length];
        var elf = file.AsSpan();
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(elf);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[16..], 2); // executable
        BinaryPrimitives.WriteUInt16LittleEndian(elf[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(elf[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(elf[24..], LoadAddress + HeaderSize); // entry
        BinaryPrimitives.WriteUInt64LittleEndian(elf[32..], 64); // program headers
        BinaryPrimitives.WriteUInt16LittleEndian(elf[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(elf[56..], 1);
        var program = elf[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(program, 1); // load
        BinaryPrimitives.WriteUInt32LittleEndian(program[4..], 5); // read, execute
        BinaryPrimitives.WriteUInt64LittleEndian(program[16..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(program[24..], LoadAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(program[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(program[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(program[48..], 0x1000);
        code.CopyTo(elf[HeaderSize..]);
        return file;
    }
}
